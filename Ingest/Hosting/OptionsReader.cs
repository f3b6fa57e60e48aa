using System.Globalization;
using System.Net;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Decoding.Sparkplug;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.OperatorPage;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Watchdog;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Hosting;

/// <summary>Configuration to options; every error names key, value and what would be right, and all come at once.</summary>
public sealed class OptionsReader
{
    // Sections that the host itself understands.
    private static readonly string[] HostSections = ["Logging", "AllowedHosts", "urls", "environment", "applicationName", "contentRoot"];

    private static readonly string[] Keys =
    [
        "Data:Path", "Data:Low", "Data:AlmostFull", "json-logs", "Mqtt:Address", "Mqtt:Port", "Http:Address", "Http:Port", "Hj212:Address", "Hj212:Port", "Rules:Path", "Models:Path", "Notify:File", "Demo", "Demo:Devices", "Demo:Seed", "Demo:Speed", "Store:Kinds", "Store:Keep",
        .. InfluxOptions.Keys,
        "Log:Keep", "Log:Budget", "Log:SegmentSize", "Log:Reserve", "Log:MaxUncommitted", "Log:DuplicateWindow", "DeadLetters:Keep", "DeadLetters:MaxBytes",
        "Operators:Positions:NAME", "Operators:Positions:NAME:Fallback", "Formats:NAME:Topic", "Formats:NAME:Format", "Formats:NAME:Gateway", .. SparkplugOptions.Keys, .. ExternalOptions.Keys, .. SecurityOptionsReader.Keys,
        .. ChannelOptionsReader.Keys, .. ConsoleOptions.Keys, .. HeartbeatOptions.Keys, .. UpwardOptions.Keys, .. ClusterOptions.Keys,
    ];


    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMinutes(1);

    private readonly IConfiguration _configuration;
    private readonly List<string> _errors = [];

    private OptionsReader(IConfiguration configuration) => _configuration = configuration;

    public static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(IConfiguration configuration)
    {
        var reader = new OptionsReader(configuration);
        return (reader.Read(), reader._errors);
    }

    private ServiceOptions Read()
    {
        foreach (var (key, value) in _configuration.AsEnumerable())
        {
            if (value is not null)
                CheckKey(key);
        }
        var defaults = new ServiceOptions();
        var formats = RouteTable.Read(_configuration, Error);
        var options = new ServiceOptions
        {
            DataPath = _configuration["Data:Path"] ?? defaults.DataPath,
            MqttAddress = Loopback("Mqtt:Address", "gateway credentials", "a file of them by Security:GatewaysFile", _configuration["Security:GatewaysFile"] is not null, defaults.MqttAddress),
            MqttPort = Whole("Mqtt:Port", 0, 65535, defaults.MqttPort),
            Hj212Address = Loopback("Hj212:Address", "gateway credentials", "a file of them by Security:GatewaysFile", _configuration["Security:GatewaysFile"] is not null, defaults.Hj212Address),
            Hj212Port = _configuration["Hj212:Port"] is null ? null : Whole("Hj212:Port", 0, 65535, 0),
            External = ExternalOptions.Read(_configuration, formats.Filters, Error),
            HasEndpoint = _configuration["Mqtt:External:Address"] is null || _configuration["Mqtt:Port"] is not null,
            HttpAddress = Loopback("Http:Address", "users", "a file of them by Security:UsersFile, or Security:Accounts=true", SecurityOptionsReader.HasUsers(_configuration), defaults.HttpAddress),
            HttpPort = Whole("Http:Port", 0, 65535, defaults.HttpPort),
            RulesPath = _configuration["Rules:Path"],
            ModelsPath = _configuration["Models:Path"],
            NotifyFile = _configuration["Notify:File"],
            Channels = new ChannelOptionsReader(_configuration, Error).Read(),
            Watchdog = HeartbeatOptions.Read(_configuration, Error),
            Upward = UpwardOptions.Read(_configuration, Error),
            Cluster = ClusterOptions.Read(_configuration, Error),
            Console = ConsoleOptions.Read(_configuration, Error),
            JsonLogs = Flag("json-logs"),
            Demo = Flag("Demo"),
            DemoDevices = Whole("Demo:Devices", DemoCity.FewestDevices, 1_000_000, defaults.DemoDevices),
            DemoSeed = Whole("Demo:Seed", 0, int.MaxValue, defaults.DemoSeed),
            DemoSpeed = Whole("Demo:Speed", 1, 20, defaults.DemoSpeed),
            Formats = formats,
            Sparkplug = SparkplugOptions.Read(_configuration, formats, Error),
            Positions = OperatorOptions.Read(_configuration, Error),
            Disk = ReadDisk(new DiskOptions()),
            Log = ReadLog(new LogOptions()),
            DeadLetters = ReadDeadLetters(new DeadLetterOptions()),
            Stores = StoreOptions.Read(_configuration, Error),
            Security = SecurityOptionsReader.Read(_configuration, _configuration["Data:Path"] ?? defaults.DataPath, _errors, TimeProvider.System),
        };
        if (options.NotifyFile is null && _configuration.GetSection("Notify").GetChildren().FirstOrDefault(section => section.Key != "File") is { } channel)
            Error($"Notify:{channel.Key}", channel.Value, "nobody is told without Notify:File, which says who (docs/samples/notify.yaml)");
        if (options.Cluster is not null)
            ClusterLimits.Check(_configuration, options.Stores.Kinds, options.Cluster.Owner is not null || _configuration["Cluster:Postgres"] is not null, Error);
        if (options.DemoSpeed > 1 && !options.Demo)
            Error("Demo:Speed", _configuration["Demo:Speed"], "only a demonstration has a clock of its own: give Demo too, or leave this out");
        if (options.Demo && !options.HasEndpoint)
            Error("Demo", "true", "the simulated city needs the service's own endpoint: give Mqtt:Port, or leave out Mqtt:External:Address");
        if (options.HasEndpoint && options.MqttPort != 0 && options.MqttPort == options.HttpPort && options.MqttAddress == options.HttpAddress)
            Error("Http:Port", options.HttpPort.ToString(CultureInfo.InvariantCulture), "Mqtt:Port is the same; take two ports");
        return options;
    }

    private DiskOptions ReadDisk(DiskOptions defaults)
    {
        var options = new DiskOptions { Low = Size("Data:Low", 1 << 20, long.MaxValue, defaults.Low), AlmostFull = Size("Data:AlmostFull", 1 << 20, long.MaxValue, defaults.AlmostFull) };
        if (options.AlmostFull >= options.Low)
            Error("Data:AlmostFull", string.Create(CultureInfo.InvariantCulture, $"{options.AlmostFull}"), string.Create(CultureInfo.InvariantCulture, $"less than Data:Low, which is {options.Low}: people are told before the last moment"));
        return options;
    }

    private LogOptions ReadLog(LogOptions defaults)
    {
        var options = ReadEach(defaults);
        if (options.Keep >= options.KeysReach)
            return options;
        // What is sent again is looked up in the log. A log that is kept shorter has a shorter window, unless someone asks for both.
        if (_configuration["Log:DuplicateWindow"] is { } window)
            Error("Log:DuplicateWindow", window, $"at least {LogOptions.KeysMargin.TotalHours} h less than Log:Keep, which is {options.Keep}: what is sent again is looked up in the log");
        var shorter = options.Keep - LogOptions.KeysMargin;
        return options with { DuplicateWindow = shorter > ShortestWindow ? shorter : ShortestWindow };
    }

    private LogOptions ReadEach(LogOptions defaults) => new()
    {
        Keep = Duration("Log:Keep", TimeSpan.FromHours(1), defaults.Keep),
        Budget = Size("Log:Budget", 1 << 20, long.MaxValue, defaults.Budget),
        SegmentSize = (int)Size("Log:SegmentSize", 1 << 20, 1 << 30, defaults.SegmentSize),
        Reserve = (int)Size("Log:Reserve", 64 << 10, 1 << 30, defaults.Reserve),
        MaxUncommitted = (int)Size("Log:MaxUncommitted", 64 << 10, 1 << 30, defaults.MaxUncommitted),
        DuplicateWindow = Duration("Log:DuplicateWindow", ShortestWindow, defaults.DuplicateWindow),
    };

    private DeadLetterOptions ReadDeadLetters(DeadLetterOptions defaults) => new()
    {
        Keep = Duration("DeadLetters:Keep", TimeSpan.FromHours(1), defaults.Keep),
        MaxBytes = Size("DeadLetters:MaxBytes", 1 << 20, long.MaxValue, defaults.MaxBytes),
    };

    private void CheckKey(string key)
    {
        var section = key.Split(':')[0];
        if (Keys.Contains(key, StringComparer.OrdinalIgnoreCase) || OperatorOptions.IsKey(key) || RouteTable.IsKey(key) || ChannelOptionsReader.IsKey(key) || HostSections.Contains(section, StringComparer.OrdinalIgnoreCase))
            return;
        var siblings = Keys.Where(each => each.StartsWith(section + ':', StringComparison.OrdinalIgnoreCase)).ToArray();
        var right = NearestName.Of(key, Keys) is { } nearest ? $"did you mean {nearest}?"
            : siblings.Length > 0 ? $"known here: {string.Join(", ", siblings)}"
            : $"the sections are {string.Join(", ", Keys.Select(each => each.Split(':')[0]).Distinct())}";
        Error(key, _configuration[key], $"unknown key; {right}");
    }

    /// <summary>Open mode: without credentials nobody but this machine may reach the service.</summary>
    private string Loopback(string key, string needs, string how, bool hasThem, string fallback)
    {
        if (_configuration[key] is not { } text)
            return fallback;
        if (!IPAddress.TryParse(text == "localhost" ? "127.0.0.1" : text, out var address))
            Error(key, text, "an IP address, such as 127.0.0.1");
        else if (!IPAddress.IsLoopback(address) && !hasThem)
            Error(key, text, $"without {needs} the service listens on loopback only (127.0.0.1 or ::1); name {how}");
        return text == "localhost" ? "127.0.0.1" : text;
    }

    private int Whole(string key, int min, int max, int fallback)
    {
        if (_configuration[key] is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Error(key, text, $"a whole number from {min} to {max}");
        return fallback;
    }

    private bool Flag(string key)
    {
        if (_configuration[key] is not { } text)
            return false;
        if (bool.TryParse(text, out var flag))
            return flag;
        Error(key, text, "true or false");
        return false;
    }

    private TimeSpan Duration(string key, TimeSpan min, TimeSpan fallback)
    {
        if (_configuration[key] is not { } text)
            return fallback;
        if (Quantity.Duration(text) is { } milliseconds && TimeSpan.FromMilliseconds(milliseconds) >= min)
            return TimeSpan.FromMilliseconds(milliseconds);
        Error(key, text, $"a duration of at least {min}, such as 90s, 15m, 12h or 400d");
        return fallback;
    }

    private long Size(string key, long min, long max, long fallback)
    {
        if (_configuration[key] is not { } text)
            return fallback;
        var factor = text.EndsWith("GiB", StringComparison.Ordinal) ? 1L << 30 : text.EndsWith("MiB", StringComparison.Ordinal) ? 1L << 20 : text.EndsWith("KiB", StringComparison.Ordinal) ? 1L << 10 : 1;
        var digits = factor == 1 ? text : text[..^3].Trim();
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max / factor && number * factor >= min)
            return number * factor;
        Error(key, text, $"bytes, at least {min}{(max == long.MaxValue ? "" : $" and at most {max}")}, such as 67108864, 64MiB or 16GiB");
        return fallback;
    }

    private void Error(string key, string? value, string right) => _errors.Add($"{key} = {value}: {right}");
}
