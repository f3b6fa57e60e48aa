using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>The <c>channels</c> of a family, or of a link.</summary>
internal static class ChannelReader
{
    /// <summary>A value counts for this many periods: one report may be lost, and the next may be late.</summary>
    private const double PeriodsHeld = 2.5;

    private static readonly string[] Types = ["unit", "bool", "states"];

    /// <param name="ofLink">They are those of a linked device, whose own family says what it measures.</param>
    public static IReadOnlyList<Channel> Read(Section section, bool ofLink = false)
    {
        var channels = new List<Channel>();
        foreach (var (name, body) in section.Children())
        {
            if (ReadOne(name, body, section, channels.Count) is not { } channel)
                continue;
            if (ofLink && body.Find("max_rate") is { } rate)
                body.Fail(rate, "max_rate", "stands in the linked device's own family; by link its channels are seen as they were sent");
            if (channels.Any(other => other.Name == channel.Name))
                section.Fail(name, name.Value, $"the channel '{channel.Name}' stands twice, with and without instances or with two groups");
            else
                channels.Add(channel);
        }
        return channels;
    }

    private static Channel? ReadOne(YamlText key, Section body, Section parent, int index)
    {
        var (name, group) = (key.Value, (string?)null);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            (name, group) = (name[..dot], name[(dot + 1)..]);
            if (group is not ['{', .., '}'] || !Vocabulary.IsName(group = group[1..^1]))
            {
                parent.Fail(key, key.Value, $"'{key.Value}': a channel with instances is written {name}.{{pump}}, with what there is one of per instance");
                return null;
            }
        }
        if (!Vocabulary.IsName(name))
        {
            parent.Fail(key, key.Value, $"'{name}' is not a channel's name; write lower-case letters, digits and _, a letter first");
            return null;
        }
        var type = TypeOf(body, out var unit, out var states);
        var plausible = body.Range("plausible");
        var instrument = body.Range("instrument");
        if ((plausible ?? instrument) is not null && unit is null)
            body.Fail(body.Map, plausible is null ? "instrument" : "plausible", "only a channel with a unit has a range");
        if (plausible is { } narrow && instrument is { } wide && (narrow.Min < wide.Min || narrow.Max > wide.Max))
            body.Fail(body.Find("instrument")!, "instrument", "does not contain the plausible range; what is plausible the instrument can show");
        var period = body.Duration("every");
        var onChange = OnChange(body);
        if (period is null && body.Find("every") is null && onChange is null && body.Find("on_change") is null)
            body.Missing("every", "write every: 10s, or on_change: any for what is only reported when it changes");
        var hold = body.Duration("hold");
        var channel = new Channel
        {
            Name = name,
            Index = index,
            Group = group,
            Type = type,
            Unit = unit,
            States = states,
            PlausibleMin = plausible?.Min,
            PlausibleMax = plausible?.Max,
            InstrumentMin = instrument?.Min,
            InstrumentMax = instrument?.Max,
            MaxRate = MaxRate(body, type, unit),
            Period = period,
            Faster = Faster(body),
            OnChange = onChange,
            Normal = Normal(body, unit, states),
            Hold = hold ?? (period is { } every ? (long)(every * PeriodsHeld) : null),
            Title = body.Title("title", "write title: {en: Sump level, zh: 集水池水位}") ?? new Title(name, name),
        };
        body.RefuseOthers();
        return channel;
    }

    /// <summary>In the channel's unit a second.</summary>
    private static double? MaxRate(Section body, ChannelType type, string? unit)
    {
        if (body.Text("max_rate") is not { } text)
            return null;
        if (unit is null || type is ChannelType.Counter)
            body.Fail(text, "max_rate", "only a channel with a unit has one, and no counter: what counts has resets of its own");
        else if (Quantity.RateOf(text.Value, unit) is { } rate)
            return rate;
        else
            body.Fail(text, "max_rate", $"'{text.Value}' is not how fast it can change at most; write a number above 0, the channel's unit and a time, such as 1 {unit}/min");
        return null;
    }

    private static ChannelType TypeOf(Section body, out string? unit, out IReadOnlyList<string> states)
    {
        unit = Unit(body);
        states = States(body);
        var isBool = body.Flag("bool");
        var isCounter = body.Flag("counter") == true;
        var isWhole = body.Flag("whole") == true;
        var said = Types.Where(type => body.Find(type) is not null).ToArray();
        if (said.Length != 1)
            body.Missing("the type", said.Length == 0 ? "write unit: m, bool: true or states: [on, off]" : $"only one of {string.Join(", ", said)} can be");
        if (isBool == false)
            body.Fail(body.Find("bool")!, "bool", "only bool: true means something; leave it out for other channels");
        if ((isCounter || isWhole) && said is not ["unit"])
            body.Fail(body.Map, isCounter ? "counter" : "whole", "only a channel with a unit counts; give it unit: \"1\"");
        return said is ["states"] ? ChannelType.State : said is ["bool"] ? ChannelType.Boolean : isCounter ? ChannelType.Counter : isWhole ? ChannelType.Integer : ChannelType.Number;
    }

    /// <summary>A known UCUM unit, or null after an error or without the key.</summary>
    internal static string? Unit(Section body)
    {
        if (body.Text("unit") is not { } unit)
            return null;
        if (!Units.IsKnown(unit.Value))
            body.Fail(unit, "unit", $"unknown unit '{unit.Value}'{NearestName.Hint(unit.Value, Units.Names)}; units are UCUM codes such as m, m3/h, \"[ppm]\", \"%{{LEL}}\", \"1\"");
        return unit.Value;
    }

    internal static IReadOnlyList<string> States(Section body)
    {
        var states = body.Texts("states");
        for (var i = 0; i < states.Count; i++)
        {
            if (!Vocabulary.IsName(states[i].Value))
                body.Fail(states[i], $"states[{i}]", $"'{states[i].Value}' is not a state's name; write lower-case letters, digits and _");
            else if (states.Take(i).Any(earlier => earlier.Value == states[i].Value))
                body.Fail(states[i], $"states[{i}]", $"the state '{states[i].Value}' stands twice");
        }
        if (states.Count == 1)
            body.Fail(states[0], "states", "one state says nothing; name at least two");
        return [.. states.Select(state => state.Value)];
    }

    private static string? OnChange(Section body)
    {
        if (body.Text("on_change") is not { } text)
            return null;
        var number = text.Value.EndsWith('%') ? text.Value[..^1] : text.Value;
        if (text.Value != "any" && Section.Number(number) is not > 0)
            body.Fail(text, "on_change", $"'{text.Value}' is not a change; write 0.05 (in the channel's unit), 5 % (of the value) or any");
        return text.Value;
    }

    private static string? Faster(Section body)
    {
        if (body.Text("faster") is not { } text)
            return null;
        var space = text.Value.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || Quantity.Duration(text.Value[..space]) is null)
            body.Fail(text, "faster", $"'{text.Value}': write the period and when it applies, such as 5m in a storm");
        return text.Value;
    }

    private static string? Normal(Section body, string? unit, IReadOnlyList<string> states)
    {
        if (body.Text("normal") is not { } text)
            return null;
        if (states.Count > 0 && !states.Contains(text.Value))
            body.Fail(text, "normal", $"'{text.Value}' is not one of {string.Join(", ", states)}{NearestName.Hint(text.Value, states)}");
        else if (unit is not null && Section.Number(text.Value) is null)
            body.Range("normal");
        else if (states.Count == 0 && unit is null)
            body.Flag("normal");
        return text.Value;
    }
}
