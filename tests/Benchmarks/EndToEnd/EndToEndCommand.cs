using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Telemetry.Benchmarks.EndToEnd;

/// <summary><c>end-to-end</c>: what the whole service sustains on this machine, MQTT to store, publisher beside it.</summary>
internal static class EndToEndCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static RootCommand Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long to publish, for each batch size.", DefaultValueFactory = _ => 20 };
        var connections = new Option<int>("--connections") { Description = "Gateways.", DefaultValueFactory = _ => 50 };
        var devices = new Option<int>("--devices") { Description = "Spread over the gateways.", DefaultValueFactory = _ => 10_000 };
        var batches = new Option<int[]>("--batch") { Description = "Readings a message; may be given more than once.", DefaultValueFactory = _ => [1, 50] };
        var json = new Option<bool>("--json") { Description = "One JSON line per batch size." };
        var command = new RootCommand(
            """
            Starts the service on a new data directory, publishes at full speed, waits until rules and store have processed all of it.

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- end-to-end
              dotnet run -c Release --project tests/Benchmarks -- end-to-end --seconds 60 --batch 50 --json
            """) { seconds, connections, devices, batches, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<EndToEndResult> results = [];
            try
            {
                foreach (var batch in parsed.GetRequiredValue(batches))
                {
                    var run = new EndToEndRun(batch, parsed.GetValue(connections), parsed.GetValue(devices), TimeSpan.FromSeconds(parsed.GetValue(seconds)), TimeProvider.System);
                    results.Add(await run.RunAsync(cancellationToken));
                    if (parsed.GetValue(json))
                        await parsed.InvocationConfiguration.Output.WriteLineAsync(JsonSerializer.Serialize(results[^1], Json));
                }
            }
            catch (Exception failed) when (failed is InvalidOperationException or TimeoutException or HttpRequestException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(failed.Message);
                return 1;
            }
            if (!parsed.GetValue(json))
                Print(results);
            return results.All(r => r.Errors.Count == 0) ? 0 : 1;
        });
        return command;
    }

    private static void Print(List<EndToEndResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("readings a message");
        foreach (var result in results)
            table.AddColumn(new TableColumn(result.Batch.ToString(CultureInfo.InvariantCulture)).RightAligned());
        Row("messages acknowledged", r => $"{r.Messages:N0}");
        Row("messages/s, drained", r => $"{r.MessagesPerSecond:N0}");
        Row("readings/s, drained", r => $"{r.ReadingsPerSecond:N0}");
        Row("values/s, drained", r => $"{r.ValuesPerSecond:N0}");
        Row("publishing, s", r => $"{r.PublishSeconds:N1}");
        Row("draining after it, s", r => $"{r.DrainSeconds:N1}");
        Row("PUBACK p50, ms", r => $"{r.AckP50:N1}");
        Row("PUBACK p99, ms", r => $"{r.AckP99:N1}");
        Row("service, CPU-s per million readings", r => $"{r.ServiceCpuPerMillion:N2}");
        Row("publisher, CPU-s per million readings", r => $"{r.PublisherCpuPerMillion:N2}");
        Row("service, peak memory, MB", r => $"{r.PeakMegabytes:N0}");
        AnsiConsole.Write(table);
        foreach (var error in results.SelectMany(r => r.Errors))
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[red]{error}[/]");

        void Row(string name, Func<EndToEndResult, FormattableString> value) =>
            table.AddRow([name, .. results.Select(r => value(r).ToString(CultureInfo.InvariantCulture))]);
    }
}
