using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Commands;

/// <summary><c>verify-log</c>: reads the whole log of a data directory, read-only, and names all damage. Exit code 0 sound, 1 damaged or unreadable, 2 wrong usage.</summary>
public static class VerifyLogCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var data = new Option<string>("--Data:Path") { Description = "The service's data directory; its log/ is read.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: one a file, one a damage, one with the totals." };
        var chain = new Option<bool>("--chain") { Description = "Follow the hashes that link the segments as well, and name the first file that was changed after it was sealed." };
        var head = new Option<bool>("--head") { Description = "With --chain: print position and hash of the log's end, to be noted elsewhere." };
        var expect = new Option<string?>("--expect") { Description = "With --chain: a head noted before, which the log must still contain.", HelpName = "HEAD" };
        var command = new Command("verify-log", """
            Checks every entry of the log against its checksum. Changes nothing; may run beside the service.
            With --chain it also proves that nothing was changed since it was written, as far as a head was noted elsewhere: FORMAT.md, "Chain".

            Examples:
              verify-log --Data:Path /var/lib/telemetry
              verify-log --Data:Path ./data --json
              verify-log --Data:Path ./data --chain --head
              verify-log --Data:Path ./data --chain --expect 48211:9b1f…
            """) { data, json, chain, head, expect };
        command.SetAction(parsed => Run(
            new Wanted(parsed.GetRequiredValue(data), parsed.GetValue(json), parsed.GetValue(chain), parsed.GetValue(head), parsed.GetValue(expect)),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private sealed record Wanted(string Data, bool Json, bool Chain, bool Head, string? Expect);

    private static int Run(Wanted wanted, TextWriter output, TextWriter error)
    {
        var directory = Path.Combine(wanted.Data, "log");
        if (!Directory.Exists(directory))
        {
            error.WriteLine($"verify-log: {directory} is not there; --Data:Path must name the service's data directory, the one that holds log/");
            return 2;
        }
        var expected = wanted.Expect is null ? null : LogHead.Parse(wanted.Expect);
        if (wanted.Expect is not null && expected is null)
        {
            error.WriteLine($"verify-log: --expect {wanted.Expect} is no head; POSITION:HASH, as --head prints it, would be right");
            return 2;
        }
        if (!wanted.Chain && (wanted.Head || expected is not null))
        {
            error.WriteLine("verify-log: --head and --expect need --chain");
            return 2;
        }
        try
        {
            var files = new FileSystem();
            var verified = Verify(new LogVerification(files, directory, wanted.Chain), wanted.Json);
            var chain = wanted.Chain ? new ChainVerification(directory, files).Run(verified, expected) : null;
            if (wanted.Json)
                PrintJson(verified, chain, output);
            else
                PrintText(verified, chain, wanted, output);
            return verified.Any(f => f.Damage.Count > 0) || chain is { Broken.Count: > 0 } ? 1 : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            error.WriteLine("verify-log: " + e.Message);
            return 1;
        }
    }

    private static List<VerifiedFile> Verify(LogVerification log, bool json)
    {
        if (json || Console.IsOutputRedirected)
            return [.. log.Run(_ => { })];
        return AnsiConsole.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask("reading the log", maxValue: Math.Max(1, log.TotalBytes()));
            return log.Run(bytes => task.Value = bytes).ToList();
        });
    }

    private static void PrintText(List<VerifiedFile> files, VerifiedChain? chain, Wanted wanted, TextWriter output)
    {
        foreach (var damage in files.SelectMany(f => f.Damage))
            output.WriteLine("DAMAGE " + damage.Message);
        foreach (var file in files.Where(f => f.TornBytes > 0))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unfinished tail: {file.File} at offset {file.Used}, {file.TornBytes} bytes, never acknowledged"));
        var total = Total.Of(files);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Segments} segments, {total.Groups} groups, {total.Entries} entries, {total.Bytes} bytes, positions {total.First} to {total.Last}, {total.Damaged} damaged"));
        if (chain is null)
            return;
        foreach (var broken in chain.Broken)
            output.WriteLine("CHANGED " + broken);
        output.WriteLine(chain.Begins is { } begins ? string.Create(CultureInfo.InvariantCulture, $"chain from position {begins} on: {(chain.Broken.Count == 0 ? "whole" : "BROKEN")}") : "no segment is chained yet: the next one will be");
        if (wanted.Expect is not null && chain.Broken.Count == 0)
            output.WriteLine($"contains {wanted.Expect}");
        if (wanted.Head)
            output.WriteLine("head " + (chain.Head?.ToString() ?? "none"));
    }

    private static void PrintJson(List<VerifiedFile> files, VerifiedChain? chain, TextWriter output)
    {
        foreach (var file in files)
        {
            output.WriteLine(JsonSerializer.Serialize(new { file = file.File, first = file.First, last = file.Last, groups = file.Groups, entries = file.Entries, bytes = file.Used, tornBytes = file.TornBytes, damaged = file.Damage.Count }, Json));
            foreach (var damage in file.Damage)
                output.WriteLine(JsonSerializer.Serialize(new { damage = damage.What, file = damage.File, offset = damage.Offset, first = damage.FirstPosition, last = damage.LastPosition }, Json));
        }
        foreach (var broken in chain?.Broken ?? [])
            output.WriteLine(JsonSerializer.Serialize(new { changed = broken }, Json));
        if (chain is not null)
            output.WriteLine(JsonSerializer.Serialize(new { chainFrom = chain.Begins, head = chain.Head?.ToString(), broken = chain.Broken.Count }, Json));
        output.WriteLine(JsonSerializer.Serialize(Total.Of(files), Json));
    }

    private sealed record Total(int Segments, long Groups, long Entries, long Bytes, long First, long Last, int Damaged)
    {
        /// <summary>Positions are those of the segments; kept files hold older single ones.</summary>
        public static Total Of(List<VerifiedFile> files)
        {
            var segments = files.Where(f => !f.IsKept).ToList();
            return new Total(
                segments.Count,
                files.Sum(f => f.Groups),
                files.Sum(f => f.Entries),
                files.Sum(f => f.Used),
                segments.Count == 0 ? 0 : segments[0].First,
                segments.Count == 0 ? 0 : segments[^1].Last,
                files.Sum(f => f.Damage.Count));
        }
    }
}
