using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Faults;

/// <summary>One item of <c>faults:</c> while it is read. What is missing or wrong is reported where it stands, and something harmless stands in for it.</summary>
internal sealed class FaultEntry(Section section, FaultCast cast, string word, int number)
{
    public string Word => word;

    public int Number => number;

    public Section Section => section;

    public FaultWho Who()
    {
        var who = new FaultWho(cast.Prefix + (section.Text("device")?.Value ?? "*"), cast.Prefix + (section.Text("gateway")?.Value ?? "*"), section.Text("family")?.Value);
        if (!cast.Senders.Any(who.Fits))
            section.Fail(section.Find("device") ?? section.Find("gateway") ?? section.Find("family") ?? section.Map, "device", $"no device is meant by this: {cast.HintFor(section)}");
        return who;
    }

    /// <summary>Ids, in order.</summary>
    public IReadOnlyList<string> Gateways()
    {
        var name = section.Text("gateway");
        var found = cast.Gateways.Where(gateway => Pattern.Fits(cast.Prefix + (name?.Value ?? "*"), gateway)).ToList();
        if (found.Count == 0 && name is not null)
            section.Fail(name, "gateway", $"there is no gateway '{name.Value}'{NearestName.Hint(name.Value, cast.Gateways.Select(gateway => gateway[cast.Prefix.Length..]))}");
        return found;
    }

    /// <param name="forRequired">What a missing <c>for</c> would say; null where it may be left out.</param>
    /// <param name="byChance">It may strike a share of the readings.</param>
    public FaultWhen When(string? forRequired = null, bool byChance = true, bool again = true)
    {
        var at = section.Duration("at") ?? 0;
        var lasts = section.Duration("for", forRequired);
        var every = again ? section.Duration("every") : null;
        if (cast.Lasts is { } end && at > end)
            section.Fail(section.Find("at")!, "at", "after the end; see lasts");
        if (lasts == 0)
            section.Fail(section.Find("for")!, "for", "a fault lasts longer than nothing; write for: 10min");
        if (every == 0)
            section.Fail(section.Find("every")!, "every", "again at once is no fault; write every: 1h");
        if (every is > 0 && lasts > every)
            section.Fail(section.Find("for")!, "for", "it would begin again before it is over; for must not be longer than every");
        return new FaultWhen(at, lasts is 0 ? null : lasts, every is 0 ? null : every, byChance ? Chance() : 1);
    }

    private double Chance()
    {
        if (section.Text("chance") is not { } text)
            return 1;
        if (Quantity.TryParse(text.Value, out var quantity, out _) && quantity.TryIn("1", out var share) && share is > 0 and <= 1)
            return share;
        section.Fail(text, "chance", $"'{text.Value}': the share of readings that it strikes, above 0 % and at most 100 %, would be right: chance: 2 %");
        return 1;
    }

    /// <summary>A duration that may lie in the past: <c>-10min</c>.</summary>
    public long SignedDuration(string key, string required)
    {
        if (section.Text(key, required) is not { } text)
            return 0;
        var isBack = text.Value.StartsWith('-');
        if (Quantity.Duration(isBack ? text.Value[1..] : text.Value) is { } duration)
            return isBack ? -duration : duration;
        section.Fail(text, key, $"'{text.Value}' is not a duration; write 3min, -10min or 8h");
        return 0;
    }

    public int Whole(string key, int least, int most, int otherwise) => section.Whole(key, least, most) ?? otherwise;

    /// <summary>The channel's pattern; the empty one, which fits nothing, after a mistake.</summary>
    public string Channel(string? required)
    {
        if (section.Text("channel", required) is not { } text)
            return "";
        var families = cast.FamiliesOf(Who()).ToList();
        if (families.Count == 0 || Channels(text.Value).Count > 0)
            return text.Value;
        var known = families.SelectMany(family => family.Channels).Select(channel => channel.Name).Distinct();
        section.Fail(text, "channel", $"none of the devices that are meant has a channel '{text.Value}'{NearestName.Hint(text.Value, known)}");
        return "";
    }

    /// <summary>What a quantity or a unit under <paramref name="key"/> makes of the numbers of each channel that is meant.</summary>
    /// <param name="make">Of the text and a channel's unit; null where the text doesn't fit it.</param>
    /// <param name="right">An example, for the errors.</param>
    public Dictionary<(string Family, string Channel), Shown> Shown(string key, Func<string, string, Shown?> make, string right)
    {
        var shown = new Dictionary<(string Family, string Channel), Shown>();
        var pattern = Channel("say which channel: channel: sump_level");
        if (section.Text(key, $"write {right}") is not { } text)
            return shown;
        foreach (var (family, channel) in Channels(pattern))
        {
            if (channel.Unit is not { } unit)
                section.Fail(section.Find("channel")!, "channel", $"{family.Name}'s {channel.Name} is no number; this fault is one of numbers");
            else if (make(text.Value, unit) is not { } becomes)
                section.Fail(text, key, $"'{text.Value}' does not fit {family.Name}'s {channel.Name}, which is in {unit}; {right} would be right");
            else
                shown[(family.Name, channel.Name)] = channel.Type == ChannelType.Integer ? (number, seconds) => Math.Round(becomes(number, seconds)) : becomes;
        }
        return shown;
    }

    private List<(Family Family, Channel Channel)> Channels(string pattern) =>
        [.. cast.FamiliesOf(Who()).SelectMany(family => family.Channels.Where(channel => IsMeant(pattern, channel)).Select(channel => (family, channel)))];

    // pump_run.2 and pump_run.* name instances of pump_run.
    private static bool IsMeant(string pattern, Channel channel) =>
        Pattern.Fits(pattern, channel.Name) || (channel.Group is not null && pattern.Contains('.', StringComparison.Ordinal) && ChannelPattern.WithoutInstance(pattern) == channel.Name);
}
