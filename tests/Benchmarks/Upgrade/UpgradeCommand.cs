using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace Telemetry.Benchmarks.Upgrade;

/// <summary><c>upgrade</c>: the nodes of a cluster are replaced one after another under load, and what gateways, clients and people notice of it.</summary>
internal static class UpgradeCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static RootCommand Create()
    {
        var built = Path.GetDirectoryName(ServiceProcess.Dll)!;
        var old = new Option<string>("--old") { Description = "The folder of the service as it runs at first: where Ingest.dll lies. Default: the service built beside this.", DefaultValueFactory = _ => built };
        var later = new Option<string>("--new") { Description = "The one that takes its place, likewise.", DefaultValueFactory = _ => built };
        var rate = new Option<double>("--rate") { Description = "Readings a second.", DefaultValueFactory = _ => 200 };
        var alarms = new Option<int>("--alarms") { Description = "Alarms a second.", DefaultValueFactory = _ => 4 };
        var calm = new Option<int>("--calm") { Description = "Alarms that are told in peace before, between and after the restarts.", DefaultValueFactory = _ => 60 };
        var picture = new Option<string?>("--picture") { Description = "Where the picture is written; docs/upgrade.svg is the committed one. Default: nowhere." };
        var json = new Option<string>("--json") { Description = "All raw figures.", DefaultValueFactory = _ => Path.Combine("BenchmarkDotNet.Artifacts", "upgrade.json") };
        var from = new Option<bool>("--from-json") { Description = "Measure nothing; make table and picture again from --json." };
        var command = new RootCommand(
            """
            Needs Debian's nats-server, postgresql and nginx-light with libnginx-mod-stream. Leave the machine alone meanwhile. About 3 minutes.

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- upgrade
              dotnet run -c Release --project tests/Benchmarks -- upgrade --old /opt/telemetry-0.1 --picture docs/upgrade.svg
            """) { old, later, rate, alarms, calm, picture, json, from };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var path = Path.GetFullPath(parsed.GetRequiredValue(json));
                var measured = parsed.GetValue(from)
                    ? JsonSerializer.Deserialize<UpgradeMeasured>(await File.ReadAllTextAsync(path, cancellationToken), Json)!
                    : await MeasureAsync(
                        new UpgradeOptions { Old = DllIn(parsed.GetRequiredValue(old)), New = DllIn(parsed.GetRequiredValue(later)), Rate = parsed.GetValue(rate), AlarmsPerSecond = parsed.GetValue(alarms), Calm = parsed.GetValue(calm) }, path);
                Console.WriteLine(UpgradeReport.Of(measured));
                if (parsed.GetValue(picture) is { } file)
                    await File.WriteAllTextAsync(file, UpgradePicture.Of(measured), cancellationToken);
                return measured.Result.Nodes.All(node => (node.Lost, node.Doubled) == (0, 0)) && measured.Result.JournalDifferences.Count == 0 ? 0 : 1;
            }
            catch (Exception failed) when (failed is InvalidOperationException or TimeoutException or HttpRequestException or IOException or ArgumentException or OperationCanceledException)
            {
                await Console.Error.WriteLineAsync(failed.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<UpgradeMeasured> MeasureAsync(UpgradeOptions options, string json)
    {
        var result = await RollingUpgrade.RunAsync(options, TimeProvider.System, Console.WriteLine);
        var (old, later) = (await File.ReadAllBytesAsync(options.Old), await File.ReadAllBytesAsync(options.New));
        var measured = new UpgradeMeasured(VersionOf(options.Old), VersionOf(options.New), old.SequenceEqual(later), options, result);
        Directory.CreateDirectory(Path.GetDirectoryName(json)!);
        await File.WriteAllTextAsync(json, JsonSerializer.Serialize(measured, Json));
        return measured;
    }

    private static string DllIn(string folder) =>
        Path.Combine(Path.GetFullPath(folder), "Ingest.dll") is var dll && File.Exists(dll) ? dll : throw new ArgumentException($"{folder}: there is no Ingest.dll; a folder that dotnet build or dotnet publish has made of Ingest would be right");

    // A build in a repository has its commit behind the version.
    private static string VersionOf(string dll)
    {
        var version = FileVersionInfo.GetVersionInfo(dll).ProductVersion ?? "";
        return version.Split('+') is [var number, { Length: > 8 } commit] ? $"{number} ({commit[..7]})" : version;
    }
}
