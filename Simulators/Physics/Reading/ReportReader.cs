using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary>
/// <c>report:</c> what the device sends. A number or a yes or no is a formula, or <c>{is: formula, decimals: 1}</c>; a state is a state of its own, or
/// <c>{lost: volts &lt; 20, else: mains}</c>, the first that holds. <c>fan_state.{1..3}</c> stands for three channels, and <c>{n}</c> in its formulas for their numbers.
/// </summary>
internal sealed class ReportReader(NameTable names, FormulaReader formulas, Family family)
{
    private const string Else = "else";
    private const string Instance = "{n}";
    private const int DefaultDecimals = 2;
    private const int MostDecimals = 6;

    public List<ReportedChannel> Read(Section? section)
    {
        var channels = new List<ReportedChannel>();
        foreach (var entry in section?.Map.Entries ?? [])
        {
            foreach (var (name, n) in Expanded(entry.Key.Value))
            {
                if (family.Find(name) is not { Channel: var channel })
                    section!.Fail(entry.Key, entry.Key.Value, $"{family.Name} has no channel '{name}'{NearestName.Hint(name, family.Channels.Select(known => known.Name))}");
                else if (Read(section!, name, Filled(entry.Value, n), channel) is { } read)
                    channels.Add(read);
            }
        }
        return channels;
    }

    private static IEnumerable<(string Name, string? Number)> Expanded(string name)
    {
        var (open, dots) = (name.IndexOf(".{1..", StringComparison.Ordinal), name.Length - 1);
        if (open < 0 || name[^1] != '}' || Family.InstanceNumber(name.AsSpan(open + 5, dots - open - 5)) is not { } most)
            return [(name, null)];
        return Enumerable.Range(1, most).Select(n => n.ToString(CultureInfo.InvariantCulture)).Select(n => ($"{name[..open]}.{n}", (string?)n));
    }

    /// <summary>With the instance's number in the formulas.</summary>
    private static YamlNode Filled(YamlNode node, string? number) => (node, number) switch
    {
        (_, null) => node,
        (YamlText text, _) => text with { Value = text.Value.Replace(Instance, number, StringComparison.Ordinal) },
        (YamlMap map, _) => map with { Entries = [.. map.Entries.Select(entry => entry with { Value = Filled(entry.Value, number) })] },
        _ => node,
    };

    private ReportedChannel? Read(Section section, string name, YamlNode node, Channel channel)
    {
        if (channel.Type == ChannelType.State)
            return State(section, name, node, channel);
        var (inner, key, text, decimals) = (section, name, node as YamlText, channel.Type == ChannelType.Integer ? 0 : DefaultDecimals);
        if (node is YamlMap map)
        {
            (inner, key) = (section.Of(map, name), "is");
            text = inner.Text("is", "write {is: formula, decimals: 1}");
            if (inner.Text("decimals") is { } digits && !(int.TryParse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture, out decimals) && decimals <= MostDecimals))
                inner.Fail(digits, "decimals", $"'{digits.Value}': expected 0 to {MostDecimals}");
            inner.RefuseOthers();
        }
        else if (text is null)
        {
            section.Fail(node, name, $"expected a formula, found {node.Shown}");
        }
        if (text is null || formulas.Read(inner, key, text) is not { } formula)
            return null;
        return channel.Type == ChannelType.Boolean ? new ReportedSwitch(name, formula) : new ReportedNumber(name, formula, decimals);
    }

    private ReportedState? State(Section section, string name, YamlNode node, Channel channel)
    {
        if (node is YamlText text)
            return OneWord(section, name, text, channel);
        if (node is not YamlMap map)
        {
            section.Fail(node, name, $"expected a state, or {{{channel.States[0]}: formula, else: {channel.States[^1]}}}; found {node.Shown}");
            return null;
        }
        var inner = section.Of(map, name);
        var choices = new List<(Func<double[], double> When, int State)>();
        int? otherwise = null;
        foreach (var entry in map.Entries)
        {
            if (inner.Text(entry.Key.Value) is not { } said)
                continue;
            if (entry.Key.Value == Else)
                otherwise = StateOf(inner, said, channel);
            else if (StateOf(inner, entry.Key, channel) is { } state && formulas.Read(inner, entry.Key.Value, said) is { } when)
                choices.Add((when, state));
        }
        if (map.Entries.All(entry => entry.Key.Value != Else))
            inner.Missing(Else, $"say which state it is where none of these holds: else: {channel.States[0]}");
        if (otherwise is not { } last)
            return null;
        return new ReportedState(name, values => choices.Find(choice => choice.When(values) != 0) is { When: not null } holds ? holds.State : last, channel.States);
    }

    /// <summary>A state of the channel that never changes, or a parameter with the same states.</summary>
    private ReportedState? OneWord(Section section, string name, YamlText text, Channel channel)
    {
        if (names.Find(text.Value) is not { Variable.Words: { Count: > 0 } words, Slot: var slot })
            return StateOf(section, text, channel) is { } state ? new ReportedState(name, _ => state, channel.States) : null;
        formulas.Used.Add(slot);
        foreach (var word in words.Where(word => !channel.States.Contains(word)))
            section.Fail(text, name, $"'{text.Value}' can be {word}, and the channel only {string.Join(", ", channel.States)}");
        var states = words.Select(word => channel.States.ToList().IndexOf(word)).ToArray();
        return new ReportedState(name, values => states[(int)values[slot]], channel.States);
    }

    private static int? StateOf(Section section, YamlText text, Channel channel)
    {
        var index = channel.States.ToList().IndexOf(text.Value);
        if (index >= 0)
            return index;
        section.Fail(text, text.Value, $"'{text.Value}' is not one of {string.Join(", ", channel.States)}{NearestName.Hint(text.Value, channel.States)}");
        return null;
    }
}
