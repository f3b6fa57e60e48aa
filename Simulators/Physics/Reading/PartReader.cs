using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary><c>values:</c> what moves by itself, each a formula or one of five parts. A name that stands further down is the one of the step before.</summary>
internal sealed class PartReader(NameTable names, FormulaReader formulas)
{
    private const string Choices = "{wander: 3, by: 0.5, over: 10min}, {follow: x, over: 60s}, {adds: x, per: h, from: 0}, {on: x > 2, off: x < 1}, {profile: {\"08:00\": 1}}";

    private static readonly SortedDictionary<string, double> PerSeconds = new(StringComparer.Ordinal) { ["s"] = 1, ["min"] = 60, ["h"] = 3600, ["d"] = 86_400 };

    public IReadOnlyList<Part> Read(Section? section)
    {
        var entries = new List<(YamlText Name, YamlNode Node, int Slot)>();
        foreach (var entry in section?.Map.Entries ?? [])
        {
            if (names.Find(entry.Key.Value) is null)
                entries.Add((entry.Key, entry.Value, names.Add(entry.Key.Value).Slot));
            else
                section!.Fail(entry.Key, entry.Key.Value, "the name is taken: by a setting, a parameter or the surroundings");
        }
        return [.. entries.Select(entry => Read(section!, entry.Name.Value, entry.Node, entry.Slot)).OfType<Part>()];
    }

    private Part? Read(Section section, string name, YamlNode node, int slot)
    {
        if (node is YamlText text)
            return formulas.Read(section, name, text) is { } formula ? new Worked(slot, formula) : null;
        if (node is not YamlMap map)
        {
            section.Fail(node, name, $"expected a formula or one of {Choices}");
            return null;
        }
        var part = section.Of(map, name);
        Part? read =
            part.Find("wander") is not null ? Wandering(part, slot) :
            part.Find("follow") is not null ? Following(part, slot) :
            part.Find("adds") is not null ? Adding(part, slot) :
            part.Find("on") is not null ? Switching(part, slot) :
            part.Find("profile") is not null ? Daily(part, slot) : null;
        if (read is null && part.Map.Entries.All(entry => entry.Key.Value is not ("wander" or "follow" or "adds" or "on" or "profile")))
            part.Missing("what it does", $"write a formula or one of {Choices}");
        else
            part.RefuseOthers();
        return read;
    }

    private Wander? Wandering(Section part, int slot)
    {
        var (mean, by) = (formulas.Read(part, "wander"), formulas.Read(part, "by", "say how far it usually is from its mean: by: 0.5"));
        var over = part.Duration("over", "say after what time it has forgotten where it was: over: 10min, or 0s for noise");
        return mean is null || by is null || over is null ? null : new Wander(slot, names.AddHidden(), mean, by, over.Value / 1000.0);
    }

    private Lag? Following(Section part, int slot)
    {
        var target = formulas.Read(part, "follow");
        const string Required = "say how long it takes: over: 60s, or a formula in seconds";
        var text = part.Text("over", Required);
        var over = text is null ? null : Quantity.Duration(text.Value) is { } duration ? _ => duration / 1000.0 : formulas.Read(part, "over", text);
        return target is null || over is null ? null : new Lag(slot, target, over);
    }

    private Balance? Adding(Section part, int slot)
    {
        var (rate, from) = (formulas.Read(part, "adds"), formulas.Read(part, "from", "say where it begins: from: 0"));
        var per = part.Choice("per", PerSeconds);
        if (part.Find("per") is null)
            part.Missing("per", "say in which time: per: s, min, h or d");
        var (least, most) = part.Range("within") ?? (double.NegativeInfinity, double.PositiveInfinity);
        return rate is null || from is null || per is null ? null : new Balance(slot, rate, per.Value, from, least, most);
    }

    private Switch? Switching(Section part, int slot)
    {
        var (on, off) = (formulas.Read(part, "on"), formulas.Read(part, "off", "say when it goes off again: off: x < 1"));
        return on is null || off is null ? null : new Switch(slot, on, off);
    }

    private Profile? Daily(Section part, int slot)
    {
        var weekdays = Points(part, "profile");
        var weekend = part.Find("weekend") is null ? weekdays : Points(part, "weekend");
        var (hour, saturday) = (names.Find("hour")!.Slot, names.Find("weekend")!.Slot);
        formulas.Used.UnionWith([hour, saturday]);
        return weekdays is null || weekend is null ? null : new Profile(slot, (hour, saturday), weekdays, weekend);
    }

    /// <summary>The line goes on over midnight.</summary>
    private static Curve? Points(Section part, string key)
    {
        var points = new List<(double At, double Value)>();
        foreach (var entry in part.Child(key)?.Map.Entries ?? [])
        {
            if (!TimeOnly.TryParseExact(entry.Key.Value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                part.Fail(entry.Key, key, $"'{entry.Key.Value}' is not a time of day; write \"17:30\"");
            else if (entry.Value is not YamlText text || Section.Number(text.Value) is not { } value)
                part.Fail(entry.Value, key, $"expected a number, found {entry.Value.Shown}");
            else if (points.Count > 0 && time.ToTimeSpan().TotalHours <= points[^1].At)
                part.Fail(entry.Key, key, $"{entry.Key.Value} comes before the time above it");
            else
                points.Add((time.ToTimeSpan().TotalHours, value));
        }
        if (points.Count == 0)
            return null;
        var (first, last) = (points[0], points[^1]);
        return new Curve([(last.At - 24, last.Value), .. points, (first.At + 24, first.Value)]);
    }
}
