using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Commands;

/// <summary><c>who</c>: who would be told of an alarm, and who is on call. Exit code 0 answered, 1 mistakes in a file, 2 wrong usage.</summary>
public static class WhoCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var file = new Option<string>("--file") { Description = "The file of Notify:File.", HelpName = "FILE", Required = true };
        var at = new Option<string?>("--at") { Description = "When: \"2026-11-29 03:00\" in China's time, RFC 3339 with a zone, or Unix ms; default now.", HelpName = "TIME" };
        var family = new Option<string?>("--family") { Description = "The device's family.", HelpName = "FAMILY" };
        var rule = new Option<string?>("--rule") { Description = "The rule that raises the alarm.", HelpName = "RULE" };
        var severity = new Option<string?>("--severity") { Description = "low, medium, high or critical; default that of the rule's highest step.", HelpName = "SEVERITY" };
        var district = new Option<string?>("--district") { Description = "As the register writes it.", HelpName = "NAME" };
        var street = new Option<string?>("--street") { Description = "As the register writes it.", HelpName = "NAME" };
        var calendar = new Option<string[]>("--calendar") { Description = "What is in force at the device: work_order, rain_forecast, holiday.", HelpName = "KIND", DefaultValueFactory = _ => [] };
        var mode = new Option<string>("--mode") { Description = "The device's mode: live, drill or test.", HelpName = "MODE", DefaultValueFactory = _ => Modes.Live };
        var week = new Option<bool>("--week") { Description = "The rotas of seven days from --at on instead, and their gaps of the eight weeks to come." };
        var rules = new Option<string?>("--rules") { Description = "A folder of family files; without it the shipped ones.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output." };
        var command = new Command("who", """
            Says who would be told of an alarm, step by step until someone accepts, in which words; or who is on call. Sends nothing.

            Examples:
              who --file notify.yaml --family gas_valve --rule leak_high --district Xihu
              who --file notify.yaml --at "2026-11-29 03:00" --family drainage_pump --rule level_high
              who --file notify.yaml --family tunnel --rule co_high --calendar holiday --json
              who --file notify.yaml --week
              who --file notify.yaml --week --at "2026-10-01 00:00"
            """) { file, at, family, rule, severity, district, street, calendar, mode, week, rules, json };
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var (families, familyErrors) = RulesFolder.Load(parsed.GetValue(rules));
            var (read, errors) = families is null ? (null, familyErrors) : Load(parsed.GetRequiredValue(file), families);
            if (families is null || read is null)
                return Refuse(1, errors);
            var wrong = new List<string>();
            var time = TimeOf(parsed.GetValue(at), wrong);
            if (parsed.GetValue(week))
                return wrong.Count > 0 ? Refuse(2, wrong) : WhoText.Week(read, time, parsed.GetValue(json) ? Json : null, output);
            var asked = DryRunReader.Read(
                new DryRunText(parsed.GetValue(family), parsed.GetValue(rule), parsed.GetValue(severity), parsed.GetValue(district), parsed.GetValue(street), parsed.GetRequiredValue(calendar), parsed.GetRequiredValue(mode)),
                time, [.. families.All], null, wrong);
            if (asked is null || wrong.Count > 0)
                return Refuse(2, wrong);
            return WhoText.Answer(read, DryRun.Of(read, asked), parsed.GetValue(json) ? Json : null, output);

            int Refuse(int exitCode, IEnumerable<string> problems)
            {
                foreach (var problem in problems)
                    error.WriteLine("who: " + problem);
                return exitCode;
            }
        });
        return command;
    }

    private static (NotifyFile? File, IReadOnlyList<string> Errors) Load(string path, FamilySet families)
    {
        var result = NotifyFileReader.Load(path, families.All);
        return (result.File, [.. result.Errors.Select(error => error.ToString())]);
    }

    private static long TimeOf(string? text, List<string> errors)
    {
        if (text is null)
            return TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if ((LocalTime.Parse(text) ?? Query.ParseTime(text)) is { } time && LocalTime.IsUsual(time))
            return time;
        errors.Add($"--at {text}: must be \"2026-11-29 03:00\" (China's time), RFC 3339 with a zone, or Unix ms, of 2000 to 2099");
        return 0;
    }
}
