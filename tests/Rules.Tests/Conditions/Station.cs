using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Conditions;

/// <summary>A device with a bit of everything, its values set by name; what is not set is absent, a setting without value unknown.</summary>
internal sealed class Station : ConditionInputs
{
    public static readonly IReadOnlyList<Channel> AllChannels =
    [
        Number(0, "sump_level", "m"), Number(1, "tilt_angle", "deg"), Number(2, "air_velocity", "m/s"), Number(3, "oxygen", "%"), Number(4, "rsrp", "dBm"),
        State(5, "power_supply", null, "mains", "backup", "lost"), Flag(6, "high_float"), Flag(7, "call_point"),
        Flag(8, "pump_run", "pump"), Flag(9, "pump_command", "pump"), Number(10, "motor_current", "A", "pump"), Number(11, "discharge_flow", "m3/h", "pump"),
        State(12, "fan_command", "fan", "stop", "forward", "reverse"), State(13, "fan_state", "fan", "reverse", "forward", "stop", "fault"),
        Number(14, "start_count", "1", "pump"), Number(15, "methane_lel", "%{LEL}"), Number(16, "water_volume", "m3"), Number(17, "rainfall", "mm"),
        Number(18, "carbon_monoxide", "[ppm]"), Number(19, "extinction_coefficient", "m-1"), Flag(20, "stall_occupied", "stall"),
    ];

    public static readonly IReadOnlyList<Setting> AllSettings =
    [
        Amount(0, "high_level", "m"), Amount(1, "start_1", "m"), Amount(2, "rated_flow", "m3/h"), Amount(3, "rated_current", "A"), Amount(4, "installed_tilt", "deg"),
        Amount(5, "well_depth", "cm"), Choice(6, "road_class", "carriageway", "verge"), Choice(7, "black_spot", "false", "true"), Amount(8, "overflow_level", "m"),
    ];

    public static readonly ConditionScope Scope = new()
    {
        Channels = AllChannels,
        Settings = AllSettings,
        Links = new Dictionary<string, IReadOnlyList<Channel>> { ["gauge"] = [.. AllChannels.Select(channel => channel with { Link = "gauge" })] },
        Rules = ["leak_high", "cover_open", "pressure_low"],
        Words = new Dictionary<string, string>
        {
            ["wet"] = "sump_level > 1.8 m || rain_forecast",
            ["very_wet"] = "wet && high_float",
            ["headroom"] = "overflow_level - sump_level",
            ["circle"] = "round",
            ["round"] = "high_float || circle",
            ["mistaken"] = "sump_level > 2 A",
        },
    };

    private readonly Dictionary<(string, int), Num> _values = [];
    private readonly Dictionary<string, double> _settings = [];
    private int[] _instances = [];

    public Station With(string channel, double value, int instance = 0) => With(channel, Num.Of(value), instance);

    public Station With(string channel, Num value, int instance = 0)
    {
        _values[(channel, instance)] = value;
        return this;
    }

    public Station WithSetting(string setting, double value)
    {
        _settings[setting] = value;
        return this;
    }

    public Station WithInstances(params int[] instances)
    {
        _instances = instances;
        return this;
    }

    public override Num Value(Channel channel) => _values.GetValueOrDefault((channel.Link is null ? channel.Name : $"{channel.Link}.{channel.Name}", channel.Group is null ? 0 : Instance), Num.Absent);

    public override Num Setting(Setting setting) => _settings.TryGetValue(setting.Name, out var value) ? Num.Of(value) : Num.Unknown;

    public override Trace? Trace(Source source) => null;

    public override ReadOnlySpan<int> Instances(string group) => _instances;

    public Truth Evaluate(string text, ConditionScope? scope = null) => Compile(text, scope).Evaluate(this);

    public Num Calculate(string text, string? unit = null)
    {
        var result = ConditionCompiler.CompileNumber(text, Scope, unit);
        Assert.Empty(result.Errors);
        return result.Number!(this);
    }

    public static Condition Compile(string text, ConditionScope? scope = null)
    {
        var result = ConditionCompiler.Compile(text, scope ?? Scope);
        Assert.Empty(result.Errors);
        return result.Condition!;
    }

    private static Channel Number(int index, string name, string unit, string? group = null) =>
        new() { Name = name, Index = index, Group = group, Type = ChannelType.Number, Unit = unit, Title = new Title(name, name) };

    private static Channel Flag(int index, string name, string? group = null) =>
        new() { Name = name, Index = index, Group = group, Type = ChannelType.Boolean, Title = new Title(name, name) };

    private static Channel State(int index, string name, string? group, params string[] states) =>
        new() { Name = name, Index = index, Group = group, Type = ChannelType.State, States = states, Title = new Title(name, name) };

    private static Setting Amount(int index, string name, string unit) => new() { Name = name, Index = index, Unit = unit, Title = new Title(name, name) };

    private static Setting Choice(int index, string name, params string[] states) => new() { Name = name, Index = index, States = states, Title = new Title(name, name) };
}
