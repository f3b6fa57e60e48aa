using System.CommandLine;
using System.Text.Json;

namespace Telemetry.Benchmarks.Peers;

/// <summary><c>peers</c>: the service beside what others would take for the same work, and beside the limits.</summary>
internal static class PeersCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    public static RootCommand Create()
    {
        var subjects = new Option<string>("--subjects") { Description = $"Separated by commas: {string.Join(", ", SubjectKind.All.Select(kind => kind.Name))}.", DefaultValueFactory = _ => "all" };
        var runs = new Option<int>("--runs") { Description = "Rounds under load, through all subjects in turn.", DefaultValueFactory = _ => 5 };
        var faultRuns = new Option<int>("--fault-runs") { Description = "Rounds of kill, restart, outage and backlog.", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double>("--seconds") { Description = "Of publishing at full speed; behind Mosquitto, which acknowledges faster than anybody takes, 20,000 readings for each.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up-seconds") { Description = "Of publishing at full speed before anything is measured: compilers of all subjects need it.", DefaultValueFactory = _ => 8 };
        var latency = new Option<double>("--latency-seconds") { Description = "Of publishing at each of the three rates of the latencies.", DefaultValueFactory = _ => 3 };
        var outage = new Option<double>("--outage-seconds") { Description = "Without a sink.", DefaultValueFactory = _ => 20 };
        var backlog = new Option<int>("--backlog") { Description = "Readings that wait in the broker.", DefaultValueFactory = _ => 100_000 };
        var quick = new Option<bool>("--quick") { Description = "One short round of everything: does it work here? Its figures say nothing." };
        var install = new Option<bool>("--install") { Description = "Install what is missing (apt-get, npm ci); without it the commands are printed." };
        var folder = new Option<string?>("--folder") { Description = "Where everything keeps its files while it runs: the disk that is measured. Default: the temporary folder." };
        var json = new Option<string>("--json") { Description = "All raw figures.", DefaultValueFactory = _ => Path.Combine("BenchmarkDotNet.Artifacts", "peers.json") };
        var from = new Option<bool>("--from-json") { Description = "Measure nothing; make the report again from --json." };
        var report = new Option<string?>("--report") { Description = "The report, and its picture beside it; docs/peers.md is the committed one. Default: none with --quick, else docs/peers.md." };
        var command = new RootCommand(
            """
            Runs the service and other programs one after the other on this machine, behind the same Mosquitto, with the same readings at QoS 1, into the same InfluxDB, and
            writes a report. Leave the machine alone meanwhile. About 25 minutes.

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- peers --install
              dotnet run -c Release --project tests/Benchmarks -- peers --subjects ours,node-red,bare --quick
              dotnet run -c Release --project tests/Benchmarks -- peers --runs 7 --seconds 20 --folder /mnt/ssd
            """) { subjects, runs, faultRuns, seconds, warmUp, latency, outage, backlog, quick, install, folder, json, from, report };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isShort = parsed.GetValue(quick);
            var options = isShort
                ? new PeersOptions { Runs = 1, FaultRuns = 1, WarmUpSeconds = 1, Seconds = 1, LatencySeconds = 1, FaultSeconds = 2, OutageSeconds = 2, SettledSeconds = 4, Backlog = 20_000 }
                : new PeersOptions
                {
                    Runs = parsed.GetValue(runs), FaultRuns = parsed.GetValue(faultRuns), WarmUpSeconds = parsed.GetValue(warmUp), Seconds = parsed.GetValue(seconds), LatencySeconds = parsed.GetValue(latency), FaultSeconds = 6, SettledSeconds = 10, OutageSeconds = parsed.GetValue(outage), Backlog = parsed.GetValue(backlog),
                };
            try
            {
                var path = Path.GetFullPath(parsed.GetRequiredValue(json));
                var measured = parsed.GetValue(from)
                    ? JsonSerializer.Deserialize<PeersMeasured>(await File.ReadAllTextAsync(path, cancellationToken), Json)!
                    : await MeasureAsync(Choose(parsed.GetRequiredValue(subjects)), options, parsed.GetValue(install), parsed.GetValue(folder), path);
                if (parsed.GetValue(report) is { } file)
                    await WriteAsync(measured, file);
                else if (!isShort)
                    await WriteAsync(measured, Path.Combine(Repository.Root, "docs", "peers.md"));
                Console.WriteLine(PeersReport.Tables(measured));
                return 0;
            }
            catch (Exception failed) when (failed is InvalidOperationException or TimeoutException or HttpRequestException or IOException or ArgumentException)
            {
                await Console.Error.WriteLineAsync(failed.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<PeersMeasured> MeasureAsync(IReadOnlyList<SubjectKind> kinds, PeersOptions options, bool install, string? folder, string json)
    {
        options.Validate();
        var missing = Requirement.Missing(kinds);
        if (missing.Count > 0 && !install)
            throw new InvalidOperationException($"this machine lacks {string.Join(", ", missing.Select(each => each.Name))}; --install runs, or do it yourself:\n  {string.Join("\n  ", missing.Select(each => each.Command))}");
        foreach (var each in missing)
            await each.InstallAsync();

        using var run = RunFolder.Enter(folder);
        var measured = new PeersMeasured { Options = options, Machine = await Machine.LookAsync(kinds) };
        for (var round = 1; round <= options.Runs; round++)
        {
            foreach (var kind in kinds)
            {
                Say($"load {round}/{options.Runs} {kind.Name}");
                measured.Loads.Add(kind.Name == "loader" ? await LineLoader.MeasureAsync(kind, round, options) : await LoadRun.RunAsync(kind, round, options, TimeProvider.System));
                Say($"  {measured.Loads[^1].Rate.ReadingsPerSecond:N0} readings/s");
                await SaveAsync(measured, json);
            }
        }
        for (var round = 1; round <= options.FaultRuns; round++)
        {
            foreach (var fault in new[] { FaultRun.Kill, FaultRun.Restart, FaultRun.Outage, FaultRun.Backlog })
            {
                foreach (var kind in kinds.Where(kind => kind.HasFaults && FaultRun.Of(kind).Contains(fault)))
                {
                    Say($"{fault} {round}/{options.FaultRuns} {kind.Name}");
                    measured.Faults.Add(await new FaultRun(kind, options, TimeProvider.System).RunAsync(fault, round));
                    Say($"  lost {measured.Faults[^1].Lost} of {measured.Faults[^1].Acknowledged}");
                    await SaveAsync(measured, json);
                }
            }
        }
        return measured;
    }

    private static List<SubjectKind> Choose(string names)
    {
        if (names == "all")
            return [.. SubjectKind.All];
        var wanted = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.FirstOrDefault(name => SubjectKind.All.All(kind => kind.Name != name)) is { } unknown)
            throw new ArgumentException($"--subjects {unknown}: there are {string.Join(", ", SubjectKind.All.Select(kind => kind.Name))}");
        return [.. SubjectKind.All.Where(kind => wanted.Contains(kind.Name))];
    }

    private static async Task SaveAsync(PeersMeasured measured, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(measured, Json));
    }

    private static async Task WriteAsync(PeersMeasured measured, string report)
    {
        var picture = Path.ChangeExtension(report, ".svg");
        await File.WriteAllTextAsync(picture, PeersPicture.Of(measured));
        await File.WriteAllTextAsync(report, PeersReport.Of(measured, Path.GetFileName(picture)));
        Console.WriteLine($"written: {report}, {picture}");
    }

    private static void Say(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
