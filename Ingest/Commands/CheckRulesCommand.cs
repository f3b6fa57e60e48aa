using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Commands;

/// <summary><c>check-rules</c>: reads a folder of family files and says what is wrong, or what they hold. Exit code 0 right, 1 mistakes, 2 wrong usage.</summary>
public static class CheckRulesCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var folder = new Argument<string?>("DIR") { Description = "A folder of family files (*.yaml); without it the shipped ones.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: one a mistake, one a family, one with the totals." };
        var explain = new Option<string?>("--explain") { Description = "Says what a rule does in plain sentences, in English and Chinese, and what it needs. RULE, FAMILY/RULE or FAMILY.", HelpName = "RULE" };
        var write = new Option<string?>("--write") { Description = "Writes the shipped family files into this folder, which must not hold any yet: to be changed, and tried with backtest --rules.", HelpName = "DIR" };
        var command = new Command("check-rules", """
            Reads family files as the service would, prints every mistake as file:line:column, and lists what is evaluated. Changes nothing there.

            Examples:
              check-rules
              check-rules ./rules
              check-rules ./rules --json
              check-rules --explain level_high
              check-rules ./rules --explain tunnel/co_high
              check-rules --write ./rules
            """) { folder, explain, write, json };
        command.SetAction(parsed => parsed.GetValue(write) is { } into ? Write(into, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error) : Run(parsed.GetValue(folder), parsed.GetValue(explain), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Write(string folder, TextWriter output, TextWriter error)
    {
        try
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.yaml").FirstOrDefault() is { } there)
            {
                error.WriteLine($"check-rules: {there} is there already; name a folder without family files");
                return 2;
            }
            Directory.CreateDirectory(folder);
            // The service's own families stay its own: without their files the shipped ones count, also those of its next version.
            foreach (var (file, text) in FamilySet.ShippedFiles().Where(shipped => !FamilySet.IsOwn(Path.GetFileNameWithoutExtension(shipped.File))))
                File.WriteAllText(Path.Combine(folder, file), text);
            output.WriteLine($"{Directory.EnumerateFiles(folder, "*.yaml").Count()} family files written to {folder}");
            return 0;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"check-rules: --write {folder}: {refused.Message}");
            return 1;
        }
    }

    private static int Run(string? folder, string? explain, bool json, TextWriter output, TextWriter error)
    {
        if (folder is not null && !Directory.Exists(folder))
        {
            error.WriteLine($"check-rules: {folder} is not a folder; name the one that holds the family files");
            return 2;
        }
        var (families, errors) = RulesFolder.Read(folder);
        if (explain is not null && families is not null)
            return Explain(families, explain, json, output, error);
        var checkedFamilies = families?.All.Select(CheckedFamily.Of).ToList() ?? [];
        if (json)
            PrintJson(checkedFamilies, errors, output);
        else
            PrintText(checkedFamilies, errors, output);
        return errors.Count == 0 ? 0 : 1;
    }

    private static int Explain(FamilySet families, string wanted, bool json, TextWriter output, TextWriter error)
    {
        var rules = ExplainedRules.Find(families.All, wanted);
        if (rules.Count == 0)
        {
            var names = families.All.SelectMany(family => family.Rules.Select(rule => rule.Name).Prepend(family.Name));
            error.WriteLine($"check-rules: there is no rule or family '{wanted}'{NearestName.Hint(wanted, names.Distinct())}");
            return 2;
        }
        if (json)
            ExplainedRules.PrintJson(rules, Json, output);
        else
            ExplainedRules.PrintText(rules, output);
        return 0;
    }

    private static void PrintJson(List<CheckedFamily> families, IReadOnlyList<FamilyError> errors, TextWriter output)
    {
        foreach (var error in errors)
            output.WriteLine(JsonSerializer.Serialize(new { error.File, error.Line, error.Column, error.Key, error.Message }, Json));
        foreach (var family in families)
            output.WriteLine(JsonSerializer.Serialize(family, Json));
        output.WriteLine(JsonSerializer.Serialize(
            new
            {
                errors = errors.Count,
                families = families.Count,
                rules = families.Sum(family => family.Rules),
                notYetRationalised = families.Count(family => !family.Rationalised),
            },
            Json));
    }

    private static void PrintText(List<CheckedFamily> families, IReadOnlyList<FamilyError> errors, TextWriter output)
    {
        var isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        foreach (var error in errors)
        {
            if (isTerminal)
                console.MarkupLineInterpolated($"[bold]{error.File}:{error.Line}:{error.Column}:[/] [yellow]{error.Key}[/] [red]{error.Message}[/]");
            else
                output.WriteLine(error);
        }
        if (errors.Count > 0)
        {
            output.WriteLine($"{errors.Count} {(errors.Count == 1 ? "mistake" : "mistakes")}");
            return;
        }
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("family", "channels", "rules", "rationalised by");
        foreach (var family in families)
            table.AddRow(family.Family, $"{family.Channels}", $"{family.Rules}", family.Rationalised ? Markup.Escape(family.RationalisedBy) : "not yet");
        if (!isTerminal)
            console.Profile.Width = 120;
        console.Write(table);
    }

    /// <summary>What the command says of one family.</summary>
    private sealed record CheckedFamily(
        string Family,
        int Channels,
        int Rules,
        string Hash,
        string RationalisedBy,
        bool Rationalised)
    {
        public static CheckedFamily Of(Family family) => new(
            family.Name,
            family.Channels.Count,
            family.Rules.Count,
            family.Hash,
            family.RationalisedBy,
            family.RationalisedOn is not null);
    }
}
