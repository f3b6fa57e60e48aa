using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Simulators.Load;

namespace Telemetry.Simulators.Commands;

/// <summary><c>load</c>: publishes as many readings as asked for and says how that went.</summary>
public static class LoadCommand
{
    public const string Examples =
        """
          load --seconds 20
          load --mqtt localhost:1883 --connections 50 --devices 10000 --batch 50 --rate 4000 --seconds 60 --json
          load --qos 1 --inflight 200 --reconnect --record acknowledged.txt
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var defaults = new LoadOptions();
        var mqtt = MqttAddress.Option();
        var connections = new Option<int>("--connections") { Description = "Each a gateway of its own.", DefaultValueFactory = _ => defaults.Connections };
        var devices = new Option<int>("--devices") { Description = "Spread over the connections.", DefaultValueFactory = _ => defaults.Devices };
        var batch = new Option<int>("--batch") { Description = "Readings a message; more than 1 are an array.", DefaultValueFactory = _ => defaults.Batch };
        var channels = new Option<int>("--channels") { Description = "Values a reading, 1 to 8; 6 are about 200 bytes.", DefaultValueFactory = _ => defaults.Channels };
        var rate = new Option<double?>("--rate")
        {
            HelpName = "R|max",
            Description = "Messages a second over all connections, or max.",
            DefaultValueFactory = _ => null,
            CustomParser = ParseRate,
        };
        var seconds = new Option<double>("--seconds") { Description = "How long to publish.", DefaultValueFactory = _ => 20 };
        var qos = new Option<int>("--qos") { Description = "0, 1 or 2.", DefaultValueFactory = _ => defaults.Qos };
        var inFlight = new Option<int>("--inflight") { Description = "Unacknowledged messages a connection may have on the way.", DefaultValueFactory = _ => defaults.InFlight };
        var reconnect = new Option<bool>("--reconnect") { Description = "Connect again after a drop and send what was unacknowledged again." };
        var record = new Option<string?>("--record") { HelpName = "FILE", Description = "Write 'device first-seq count' for each acknowledged message." };
        var json = new Option<bool>("--json") { Description = "The result as one JSON line." };

        var command = new Command("load", "Publishes load over MQTT and prints rates, acknowledgement latency and its own cost. Asks nobody: never at a service that people watch.")
        {
            mqtt, connections, devices, batch, channels, rate, seconds, qos, inFlight, reconnect, record, json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var address = parsed.GetRequiredValue(mqtt);
            var options = new LoadOptions
            {
                Host = address.Host,
                Port = address.Port,
                Connections = parsed.GetValue(connections),
                Devices = parsed.GetValue(devices),
                Batch = parsed.GetValue(batch),
                Channels = parsed.GetValue(channels),
                Rate = parsed.GetValue(rate),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Qos = parsed.GetValue(qos),
                InFlight = parsed.GetValue(inFlight),
                Reconnect = parsed.GetValue(reconnect),
                Record = parsed.GetValue(record),
            };
            return RunAsync(options, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken);
        });
        return command;
    }

    private static double? ParseRate(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (text == "max")
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0)
            return rate;
        argument.AddError($"--rate {text}: expected messages a second above 0, or max");
        return null;
    }

    private static async Task<int> RunAsync(LoadOptions options, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        LoadResult result;
        try
        {
            result = await new LoadPublisher(options, TimeProvider.System).RunAsync(cancellationToken);
        }
        catch (ArgumentException wrong)
        {
            await error.WriteLineAsync(wrong.Message);
            return 2;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"--record {options.Record}: {unwritable.Message}");
            return 1;
        }
        if (result is { Sent: 0, Errors: [var first, ..] } && !json)
        {
            await error.WriteLineAsync($"load: nothing was sent to {options.Host}:{options.Port}: {first}{(result.Errors.Count > 1 ? $", and {result.Errors.Count - 1} more" : "")}. --mqtt names another broker");
            return 1;
        }
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(result, Json));
        else
            Print(result);
        foreach (var problem in result.Errors)
            await error.WriteLineAsync(problem);
        return result.Errors.Count == 0 ? 0 : 1;
    }

    private static void Print(LoadResult result)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn(new TableColumn("load").RightAligned());
        Row("messages sent", $"{result.Sent:N0}");
        Row("messages acknowledged", $"{result.Acknowledged:N0}");
        Row("sent again", $"{result.Resent:N0}");
        Row("messages/s", $"{result.MessagesPerSecond:N0}");
        Row("readings/s", $"{result.ReadingsPerSecond:N0}");
        Row("values/s", $"{result.ValuesPerSecond:N0}");
        Row("acknowledgement p50, ms", $"{result.AckP50:N2}");
        Row("acknowledgement p99, ms", $"{result.AckP99:N2}");
        Row("acknowledgement max, ms", $"{result.AckMax:N2}");
        Row("own CPU, s", $"{result.CpuSeconds:N2}");
        Row("own CPU, s per million messages", $"{result.CpuSecondsPerMillionMessages:N2}");
        Row("connections lost", $"{result.Drops:N0}");
        AnsiConsole.Write(table);

        void Row(string name, FormattableString value) => table.AddRow(name, value.ToString(CultureInfo.InvariantCulture));
    }
}
