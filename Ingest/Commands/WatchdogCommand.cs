using System.CommandLine;
using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Watchdog;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>watchdog</c>: watches a service from another host. Exit code 0 stopped by hand, 1 cannot listen, 2 wrong usage.</summary>
public static class WatchdogCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Option<string> Service = new("--service") { Description = "The service's door for gateways.", HelpName = "mqtt[s]://HOST:PORT", DefaultValueFactory = _ => "mqtt://127.0.0.1:1883" };
    private static readonly Option<string> Gateway = new("--gateway") { Description = "The watchdog's name as a gateway.", HelpName = "NAME", DefaultValueFactory = _ => TestFamily.Gateway };
    private static readonly Option<string?> PasswordFile = new("--password-file") { Description = "Its password as a gateway, in the first line.", HelpName = "FILE" };
    private static readonly Option<string?> CaFile = new("--ca-file") { Description = "PEM certificates to trust instead of the system's.", HelpName = "FILE" };
    private static readonly Option<string> Listen = new("--listen") { Description = "Where heartbeats come: an address of this host that the service reaches.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:8090" };
    private static readonly Option<string> KeyFile = new("--key-file") { Description = "The key that signs, in the first line; the service's Watchdog:KeyFile holds the same.", HelpName = "FILE", Required = true };
    private static readonly Option<bool> WithoutNotifier = new("--without-notifier") { Description = "The service tells nobody (no Notify:File): what has passed the rules counts." };
    private static readonly Option<string?> Program = new("--command") { Description = "A program to run, with TELEMETRY_WATCHDOG=alert or over and TELEMETRY_WATCHDOG_REASON.", HelpName = "PROGRAM" };
    private static readonly Option<string?> Serial = new("--serial") { Description = "A serial device, such as a relay board with a siren.", HelpName = "DEVICE" };
    private static readonly Option<string?> SerialOn = new("--serial-on") { Description = "Bytes that switch it on, in hex.", HelpName = "HEX" };
    private static readonly Option<string?> SerialOff = new("--serial-off") { Description = "Bytes that switch it off.", HelpName = "HEX" };
    private static readonly Option<string[]> SmsTo = new("--sms-to") { Description = "Phones that get an SMS, by the provider of TELEMETRY__Notify__Sms__Url and its siblings in this host's environment or appsettings.json.", HelpName = "PHONE" };
    private static readonly Option<bool> AsJson = new("--json") { Description = "JSON lines {time, event, detail} on standard output." };

    public static Command Create()
    {
        var command = new Command("watchdog", """
            Watches a service from another host. Sends it a test reading every 10 s, as a gateway does, and hears back a signed heartbeat once that reading has passed gateway,
            log, rules and notifier. 30 s without one that counts: it alerts by paths of its own, again every 5 min, and says when it is over. The service needs
            Watchdog:Url and Watchdog:KeyFile, and with gateway credentials an entry for the gateway watchdog.

            Examples:
              watchdog --key-file watchdog.key --without-notifier --command ./wake-somebody
              watchdog --service mqtts://telemetry.example.cn:8883 --password-file gateway-watchdog --listen 0.0.0.0:8090 --key-file watchdog.key --sms-to +8613800138000
              watchdog --key-file watchdog.key --serial /dev/ttyUSB0 --serial-on "a0 01 01 a2" --serial-off "a0 01 00 a1"
            """) { Service, Gateway, PasswordFile, CaFile, Listen, KeyFile, WithoutNotifier, Program, Serial, SerialOn, SerialOff, SmsTo, AsJson };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var problems = new List<string>();
        var options = Read(parsed, out var authorities, problems);
        if (options is null || problems.Count > 0)
        {
            foreach (var problem in problems)
                error.WriteLine("watchdog: " + problem);
            return 2;
        }
        using var http = new HttpCaller(authorities);
        var alerts = new List<IAlert>();
        if (options.Command is { } program)
            alerts.Add(new CommandAlert(program));
        if (options.Serial is var (device, on, off))
            alerts.Add(new SerialAlert(device, on, off));
        if (options.Sms is { } provider)
            alerts.Add(new SmsAlert(new ProviderCall(provider, http), options.Phones, () => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        var json = parsed.GetValue(AsJson);
        var gate = new Lock();
        await using var watchdog = new WatchdogProcess(options, alerts, Say, TimeProvider.System);
        try
        {
            Say(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), "watching", $"{options.Service.Address}; heartbeats at {await watchdog.StartAsync(cancellation)}; alerts by {string.Join(", ", alerts.Select(alert => alert.Name))}");
        }
        catch (IOException problem)
        {
            error.WriteLine($"watchdog: --listen {parsed.GetValue(Listen)}: {problem.Message}");
            return 1;
        }
        await watchdog.RunAsync(cancellation);
        return 0;

        void Say(long at, string what, string detail)
        {
            lock (gate)
                output.WriteLine(json ? JsonSerializer.Serialize(new { time = Iso.Time(at), @event = what, detail }, Json) : $"{Words.Time(at)} {what.Replace('_', ' ')}: {detail}");
        }
    }

    private static WatchdogOptions? Read(ParseResult parsed, out System.Security.Cryptography.X509Certificates.X509Certificate2Collection authorities, List<string> problems)
    {
        var service = WatchdogOptions.ReadService(parsed.GetValue(Service)!, parsed.GetValue(Gateway)!, parsed.GetValue(PasswordFile), parsed.GetValue(CaFile), problems.Add);
        if (!DeviceId.IsValid(parsed.GetValue(Gateway)!))
            problems.Add($"--gateway {parsed.GetValue(Gateway)}: 1-64 characters A-Z a-z 0-9 _ . : -");
        if (!IPEndPoint.TryParse(parsed.GetValue(Listen)!, out var listen))
            problems.Add($"--listen {parsed.GetValue(Listen)}: an address and a port, such as 0.0.0.0:8090");
        var keyFile = parsed.GetValue(KeyFile)!;
        if (HeartbeatOptions.KeyProblem(keyFile) is { } problem)
            problems.Add($"--key-file {keyFile}: {problem}");
        var (on, off) = (Bytes(SerialOn), Bytes(SerialOff));
        if (parsed.GetValue(Serial) is null != (on.Length == 0))
            problems.Add("--serial and --serial-on go together: which device, and what switches it on");
        var phones = parsed.GetValue(SmsTo) ?? [];
        foreach (var phone in phones.Where(phone => !WatchdogOptions.IsPhone(phone)))
            problems.Add($"--sms-to {phone}: a number such as +8613800138000");
        var configuration = new ConfigurationManager();
        ConfigurationSources.Use(configuration, []);
        var channels = new ChannelOptionsReader(configuration, (key, value, right) => problems.Add($"{key} = {value}: {right}")).Read();
        authorities = channels.Authorities;
        if (phones.Length > 0 && channels.Sms is null)
            problems.Add("--sms-to: no provider: TELEMETRY__Notify__Sms__Url and its siblings in the environment, or Notify:Sms:Url in appsettings.json, say how (docs/notify.md)");
        if (service is null || listen is null)
            return null;
        var options = new WatchdogOptions(service, parsed.GetValue(Gateway)!, listen, new SecretFile(keyFile), !parsed.GetValue(WithoutNotifier))
        {
            Command = parsed.GetValue(Program),
            Serial = parsed.GetValue(Serial) is { } device ? (device, on, off) : null,
            Phones = phones,
            Sms = phones.Length > 0 ? channels.Sms : null,
        };
        if (!options.WakesSomebody)
            problems.Add("nobody would be woken: give --command, --serial or --sms-to");
        return options;

        byte[] Bytes(Option<string?> option)
        {
            if (parsed.GetValue(option) is not { } text)
                return [];
            if (WatchdogOptions.Hex(text) is { Length: > 0 } bytes)
                return bytes;
            problems.Add($"{option.Name} {text}: bytes in hex, such as a00101a2");
            return [];
        }
    }
}
