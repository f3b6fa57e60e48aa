using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Commands;

/// <summary><c>replay</c>: sends a recording to a broker again.</summary>
public static class ReplayCommand
{
    public const string Examples =
        """
          replay storm.jsonl.gz
          replay storm.jsonl.gz --broker 10.0.0.5:1883 --speed 10 --family drainage_pump --from 2026-06-20T14:00:00+08:00
          replay storm.jsonl.gz --district Xihu --seek 2h
          replay june/readings-2026-06-01.parquet june/readings-2026-06-02.parquet --speed max --shift none --json
          replay rain.csv level.csv --map columns.yaml --shift 2026-06-20T08:00:00+08:00
          replay storm.jsonl --broker localhost:18830 --no-service
          replay storm.jsonl.gz --faults faults.yaml --fault-ledger injected.jsonl
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Files of export --log, of export (.parquet, .csv, .jsonl), or your own CSV with --map; text may end in .gz. Several are played together, by their times.", Arity = ArgumentArity.OneOrMore };
        var mqtt = MqttAddress.Option();
        mqtt.Aliases.Add("--broker");
        var speed = new Option<double>("--speed") { HelpName = "N|max", Description = "How many times faster than it was; max: as fast as the broker acknowledges.", DefaultValueFactory = _ => 1, CustomParser = ParseSpeed };
        var shift = new Option<string>("--shift") { HelpName = "now|none|TIME", Description = "What becomes of the times sent: they end when the replay does (now), stay as they were (none), or begin at TIME.", DefaultValueFactory = _ => "now" };
        var family = new Option<string?>("--family") { HelpName = "NAME", Description = "Only this family." };
        var device = new Option<string?>("--device") { HelpName = "ID", Description = "Only this device." };
        var district = new Option<string?>("--district") { HelpName = "NAME", Description = "Only devices that were in this district; only files of export --log say so." };
        var through = new Option<string?>("--through") { HelpName = "GATEWAY", Description = "Only what came through this gateway; only files of export --log say so." };
        var from = new Option<string?>("--from") { HelpName = "TIME", Description = "Recorded since, inclusive: 2026-06-20T14:00:00+08:00, or Unix ms." };
        var to = new Option<string?>("--to") { HelpName = "TIME", Description = "Recorded until, exclusive." };
        var seek = new Option<string?>("--seek") { HelpName = "DURATION", Description = "Begins so far into the recording: 90s, 2h." };
        var map = new Option<string?>("--map") { HelpName = "FILE", Description = "What the columns of your own CSV are (docs/replay.md)." };
        var gateway = new Option<string?>("--gateway") { HelpName = "NAME", Description = "Sends all through this gateway instead of the recorded ones." };
        var skipBad = new Option<bool>("--skip-bad") { Description = "Plays what can be read; otherwise nothing is sent while a row is bad." };
        var url = new Option<string?>("--url") { HelpName = "URL", Description = "The service behind the broker, which is asked whether it runs a demo or a drill. Default: the broker's host, port 8080." };
        var token = new Option<string?>("--token-file") { HelpName = "FILE", Description = "Its first line is a viewer's token, where the service has users." };
        var noService = new Option<bool>("--no-service") { Description = "There is no service behind the broker: don't ask." };
        var user = new Option<string?>("--user") { HelpName = "NAME", Description = "Where the broker asks for credentials; with the service's own, the gateway's name." };
        var password = new Option<string?>("--password-file") { HelpName = "FILE", Description = "Its first line." };
        var window = new Option<int>("--inflight") { Description = "Messages that may be unacknowledged, 1 to 65535.", DefaultValueFactory = _ => 500 };
        var faults = FaultOptions.File();
        var ledger = FaultOptions.Ledger();
        var json = new Option<bool>("--json") { Description = "The result as one JSON line." };
        var command = new Command("replay", "Sends a recording to a broker again, in order and with its delays, until every reading is acknowledged. Refuses a service that is neither a demo nor in a drill. On a terminal space pauses, right and left go a minute on or back, page down and page up half an hour; Ctrl+C ends.")
        {
            files, mqtt, speed, shift, family, device, district, through, from, to, seek, map, gateway, skipBad, url, token, noService, user, password, window, faults, ledger, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var request = new ReplayRequest
            {
                Files = parsed.GetRequiredValue(files), Broker = parsed.GetRequiredValue(mqtt), Speed = parsed.GetValue(speed), Shift = parsed.GetRequiredValue(shift),
                Family = parsed.GetValue(family), Device = parsed.GetValue(device), District = parsed.GetValue(district), Through = parsed.GetValue(through), From = parsed.GetValue(from), To = parsed.GetValue(to),
                Seek = parsed.GetValue(seek), Map = parsed.GetValue(map), Gateway = parsed.GetValue(gateway), SkipBad = parsed.GetValue(skipBad), Url = parsed.GetValue(url),
                TokenFile = parsed.GetValue(token), NoService = parsed.GetValue(noService), User = parsed.GetValue(user), PasswordFile = parsed.GetValue(password), Window = parsed.GetValue(window), Faults = parsed.GetValue(faults),
                Options = [.. parsed.CommandResult.Command.Options.Select(option => option.Name)],
            };
            if (request.Mistakes() is { Count: > 0 } mistakes)
                return Refuse(error, mistakes, 2);
            try
            {
                FaultOptions.Check(request.Faults, parsed.GetValue(ledger));
                var (plan, target) = await request.PrepareAsync(TimeProvider.System, cancellationToken);
                using var written = FaultOptions.Open(parsed.GetValue(ledger));
                using var run = new ReplayRun(plan with { Ledger = injection => written?.Write(injection) }, target, TimeProvider.System);
                var result = await ReplayScreen.WatchAsync(run, plan, parsed.GetValue(json), () => run.RunAsync(cancellationToken));
                output.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(result, Json) : Summary(result));
                if (result.Error is { } problem)
                    error.WriteLine("replay: " + problem);
                return result.IsWhole ? 0 : 1;
            }
            catch (RecordingException wrong)
            {
                return Refuse(error, wrong.Message.Split('\n'), 1);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                return Refuse(error, unreadable.Message.Split('\n'), 1);
            }
            catch (OperationCanceledException)
            {
                return Refuse(error, ["ended by request; nothing was sent"], 1);
            }
        });
        return command;
    }

    private static double ParseSpeed(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (text == "max")
            return double.PositiveInfinity;
        if (double.TryParse(text.TrimEnd('x'), NumberStyles.Float, CultureInfo.InvariantCulture, out var speed) && speed is >= 0.01 and <= 1e6)
            return speed;
        argument.AddError($"--speed {text}: expected how many times faster, 0.01 to 1000000, or max");
        return 1;
    }

    private static string Summary(ReplayResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(result.Stopped ? "ended by request: " : "")}{(result.Seeks > 0 ? $"set to another moment {result.Seeks} times: " : "")}{result.Sent:N0} of {result.Readings:N0} readings sent, {result.Acknowledged:N0} acknowledged, {result.Refused:N0} refused, {result.Resent:N0} sent again after {result.Drops} lost connections, {result.BadRows:N0} bad rows, left out or sent without what was bad; {result.Seconds:N1} s, {result.ReadingsPerSecond:N0} readings/s");

    private static int Refuse(TextWriter error, IEnumerable<string> why, int exitCode)
    {
        foreach (var line in why)
            error.WriteLine("replay: " + line);
        return exitCode;
    }
}
