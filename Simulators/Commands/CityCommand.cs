using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Commands;

/// <summary><c>city</c>: runs a simulated city until Ctrl+C.</summary>
public static class CityCommand
{
    public const string Examples =
        """
          city
          city --mqtt localhost:1883 --url http://localhost:8080 --devices 5000 --seed 7
          city --no-story --json
          city --faults faults.yaml --fault-ledger injected.jsonl
        """;

    public static Command Create()
    {
        var mqtt = MqttAddress.Option();
        var url = UrlOption();
        var devices = new Option<int>("--devices") { Description = $"How many devices, {CityBuilder.Fewest} or more.", DefaultValueFactory = _ => 2000, CustomParser = ParseDevices };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same city and the same course.", DefaultValueFactory = _ => 1 };
        var noStory = new Option<bool>("--no-story") { Description = "Nothing ever happens: normal readings only." };
        var faults = FaultOptions.File();
        var ledger = FaultOptions.Ledger();
        var anyway = new Option<bool>("--anyway") { Description = "Also to a service that runs no demo and has other devices in its register." };
        var json = new Option<bool>("--json") { Description = "Progress as JSON lines: {acknowledged}." };
        var command = new Command("city", "A simulated city: registers its devices, then publishes what they measure until Ctrl+C. Refuses a service that runs no demo and has other devices in its register.") { mqtt, url, devices, seed, noStory, faults, ledger, anyway, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var address = parsed.GetRequiredValue(mqtt);
            var progress = new EveryTenSeconds(parsed.InvocationConfiguration.Output, parsed.GetValue(json), TimeProvider.System);
            var options = new CityOptions
            {
                MqttHost = address.Host,
                MqttPort = address.Port,
                HttpUrl = parsed.GetRequiredValue(url),
                Devices = parsed.GetValue(devices),
                Seed = parsed.GetValue(seed),
                Story = !parsed.GetValue(noStory),
                Progress = progress,
            };
            return RunAsync(options, progress, parsed.GetValue(faults), parsed.GetValue(ledger), parsed.GetValue(anyway), parsed.InvocationConfiguration.Error, cancellationToken);
        });
        return command;
    }

    public static Option<Uri> UrlOption() => new("--url") { Description = "The service's HTTP address.", DefaultValueFactory = _ => new Uri("http://127.0.0.1:8080"), CustomParser = ParseUrl };

    private static Uri? ParseUrl(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
            return url;
        argument.AddError($"--url {text}: expected an absolute http or https address, for example http://localhost:8080");
        return null;
    }

    private static int ParseDevices(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var devices) && devices >= CityBuilder.Fewest)
            return devices;
        argument.AddError($"--devices {text}: expected {CityBuilder.Fewest} or more; with fewer a family would have no device");
        return 0;
    }

    private static async Task<int> RunAsync(CityOptions options, EveryTenSeconds progress, string? faults, string? ledger, bool anyway, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            var city = new SimulatedCity(options.Devices, options.Seed, [], DateTimeOffset.UnixEpoch).Devices;
            var plan = FaultOptions.Read(faults, Sender.Of(city));
            FaultOptions.Check(faults, ledger);
            if (!anyway && await ServicePermission.CityRefusalAsync(options.HttpUrl, city, cancellationToken) is { } refusal)
                throw new InvalidOperationException(refusal);
            using var written = FaultOptions.Open(ledger);
            await CityRunner.RunAsync(options with { Faults = plan, Ledger = injection => written?.Write(injection) }, TimeProvider.System, cancellationToken);
            progress.Print();
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Print();
            return 0;
        }
        catch (HttpRequestException unreachable)
        {
            await error.WriteLineAsync($"{unreachable.Message}. Is a service running at {options.HttpUrl}? --url names another");
            return 1;
        }
        catch (Exception refused) when (refused is InvalidOperationException or JsonException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private sealed class EveryTenSeconds(TextWriter output, bool json, TimeProvider time) : IProgress<long>
    {
        private long _last = time.GetTimestamp();
        private long _acknowledged;

        public void Report(long value)
        {
            _acknowledged = value;
            if (time.GetElapsedTime(_last) < TimeSpan.FromSeconds(10))
                return;
            _last = time.GetTimestamp();
            Print();
        }

        public void Print() => output.WriteLine(json ? JsonSerializer.Serialize(new { acknowledged = _acknowledged }) : $"{_acknowledged} readings acknowledged");
    }
}
