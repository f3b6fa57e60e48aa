using Telemetry.Rules.Model;

namespace Telemetry.Rules.Families;

public enum AlarmKind : byte
{
    /// <summary>An operator must act now.</summary>
    Alarm,

    /// <summary>A crew's list; never sounds.</summary>
    Ticket,

    /// <summary>Recorded only.</summary>
    Event,
}

/// <summary>P4 to P1.</summary>
public enum Severity : byte
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>What a rule's unknown contributes.</summary>
public enum UnknownPolicy : byte
{
    /// <summary>Neither raises nor clears.</summary>
    Keep,
    Alarm,
    Ticket,
}

public enum ChannelType : byte
{
    Number,
    Integer,
    Counter,
    Boolean,
    State,
}

/// <summary>A label in both languages.</summary>
public sealed record Title(string En, string Zh);

/// <param name="Heartbeat">Milliseconds; null for the family's.</param>
/// <param name="Settings">By setting index, in the setting's unit: what this model says before the device does.</param>
public sealed record Model(long? Heartbeat, IReadOnlyDictionary<int, double> Settings);

/// <summary>One family file: what its devices measure, what differs from one to the next, and what raises an alarm.</summary>
public sealed record Family
{
    public required string Name { get; init; }

    public required Title Title { get; init; }

    /// <summary>Milliseconds between two signs of life; a model or a device may say otherwise.</summary>
    public required long Heartbeat { get; init; }

    /// <summary>Models that differ from the family, by name.</summary>
    public IReadOnlyDictionary<string, Model> Models { get; init; } = new SortedDictionary<string, Model>(StringComparer.Ordinal);

    /// <summary>A reading this late, in ms, still amends the past.</summary>
    public required long Lateness { get; init; }

    public required IReadOnlyList<Channel> Channels { get; init; }

    public required IReadOnlyList<Setting> Settings { get; init; }

    public required IReadOnlyList<Rule> Rules { get; init; }

    /// <summary>Who agreed to these rules; <c>shipped default</c> until someone here has.</summary>
    public required string RationalisedBy { get; init; }

    /// <summary>The day of it, as written; null until then.</summary>
    public string? RationalisedOn { get; init; }

    /// <summary>Named conditions, as written.</summary>
    public IReadOnlyDictionary<string, string> Words { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Channels of linked devices that rules may ask for, by role (<c>gauge</c>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Channel>> Links { get; init; } = new SortedDictionary<string, IReadOnlyList<Channel>>(StringComparer.Ordinal);

    /// <summary>What its conditions look back on.</summary>
    public IReadOnlyList<Conditions.Source> Sources { get; init; } = [];

    /// <summary>What its conditions count in places.</summary>
    public IReadOnlyList<Conditions.PlaceCount> Counts { get; init; } = [];

    /// <summary>Kinds of work orders that its conditions ask for by name.</summary>
    public IEnumerable<string> WorkOrders => Rules.SelectMany(rule => rule.Steps).SelectMany(step => step.Condition?.WorkOrders ?? []).Distinct();

    /// <summary>Channels of linked devices, in the order of roles.</summary>
    public IEnumerable<Channel> LinkChannels => Links.Values.SelectMany(channels => channels);

    /// <summary>The file's text as it stands in the log.</summary>
    public required string Text { get; init; }

    /// <summary>First 16 hex digits of the text's SHA-256.</summary>
    public required string Hash { get; init; }

    /// <summary>The families gateway, area and system: no channels, alarms raised by the service itself, id as device.</summary>
    public bool IsBuiltIn => Channels.Count == 0;

    /// <summary>Milliseconds between two signs of life of a device of this model.</summary>
    public long HeartbeatOf(string? model) => model is not null && Models.TryGetValue(model, out var known) ? known.Heartbeat ?? Heartbeat : Heartbeat;

    /// <summary>Finds a channel by its name with instance (<c>pump_run.2</c>), or null.</summary>
    public ChannelRef? Find(string channel)
    {
        if (_byName.TryGetValue(channel, out var known))
            return known;
        var dot = channel.LastIndexOf('.');
        if (dot <= 0 || !_grouped.TryGetValue(channel[..dot], out var grouped))
            return null;
        return InstanceNumber(channel.AsSpan(dot + 1)) is { } instance ? new ChannelRef(grouped, instance) : null;
    }

    /// <summary>1 to 999 without leading zeros, or null.</summary>
    public static int? InstanceNumber(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= 3 && text[0] != '0' && !text.ContainsAnyExceptInRange('0', '9') ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;

    private readonly Dictionary<string, ChannelRef> _byName;
    private readonly Dictionary<string, Channel> _grouped;

    public Family()
    {
        _byName = [];
        _grouped = [];
    }

    /// <summary>Builds the look-up tables; called once by the reader of family files.</summary>
    public Family Indexed()
    {
        foreach (var channel in Channels)
        {
            if (channel.Group is null)
                _byName[channel.Name] = new ChannelRef(channel, 0);
            else
                _grouped[channel.Name] = channel;
        }
        return this;
    }
}

/// <param name="Instance">0 for a channel without instances.</param>
public sealed record ChannelRef(Channel Channel, int Instance);

/// <summary>One measured quantity.</summary>
public sealed record Channel
{
    /// <summary>Without instance: <c>pump_run</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Position in <see cref="Family.Channels"/>, then in <see cref="Family.LinkChannels"/>.</summary>
    public required int Index { get; init; }

    /// <summary>The role of the linked device that it is asked of; null for the device's own.</summary>
    public string? Link { get; init; }

    /// <summary>What there is one of per instance (<c>pump</c>, <c>fan</c>, <c>stall</c>); null for one per device.</summary>
    public string? Group { get; init; }

    public required ChannelType Type { get; init; }

    /// <summary>UCUM; null for booleans and states.</summary>
    public string? Unit { get; init; }

    /// <summary>For <see cref="ChannelType.State"/>.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Outside it a value is uncertain, not bad.</summary>
    public double? PlausibleMin { get; init; }

    public double? PlausibleMax { get; init; }

    /// <summary>Below it a value is bad; above it, uncertain.</summary>
    public double? InstrumentMin { get; init; }

    public double? InstrumentMax { get; init; }

    /// <summary>How fast it can change at most, in <see cref="Unit"/> a second; what is farther from the value before waits for a second one. Null for no such limit.</summary>
    public double? MaxRate { get; init; }

    /// <summary>Milliseconds between two reports; null for channels that report on change alone.</summary>
    public long? Period { get; init; }

    /// <summary>The period in special times, as written: <c>5m in a storm</c>. For people and simulators.</summary>
    public string? Faster { get; init; }

    /// <summary>The change that is reported at once, as written: <c>0.05</c> in the channel's unit, <c>5 %</c> of the value, <c>any</c>.</summary>
    public string? OnChange { get; init; }

    /// <summary>What is usual, as written: <c>0.5..2.0</c>, <c>auto</c>. For people and simulators.</summary>
    public string? Normal { get; init; }

    /// <summary>Milliseconds for which a value counts; null until the device is silent.</summary>
    public long? Hold { get; init; }

    public required Title Title { get; init; }

    /// <summary>What the channel's limits say of a finite number in <see cref="Unit"/>.</summary>
    public Quality QualityOf(double number)
    {
        // Over-range is not bad: it must still raise. Only what the instrument can't show is no measurement.
        if (number < InstrumentMin)
            return Quality.Bad;
        return number < PlausibleMin || number > PlausibleMax || number > InstrumentMax ? Quality.Uncertain : Quality.Good;
    }
}

/// <summary>What differs from one device to the next.</summary>
public sealed record Setting
{
    public required string Name { get; init; }

    public required int Index { get; init; }

    /// <summary>UCUM; null for a setting with states.</summary>
    public string? Unit { get; init; }

    /// <summary>Opening hours, such as <c>06:00-22:00</c>; the value is that of <see cref="Conditions.OpenHours"/>.</summary>
    public bool IsHours { get; init; }

    /// <summary>Allowed words, for a setting that is not a number.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>In <see cref="Unit"/>, or the index of the state; null where every device must say.</summary>
    public double? Default { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public required Title Title { get; init; }
}
