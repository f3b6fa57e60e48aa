using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary><c>incidents:</c>, <c>restored:</c> and <c>opening:</c>: what can happen, what remains of it, and what happens in a demonstration's first minutes.</summary>
internal sealed class IncidentReader(NameTable names, FormulaReader formulas)
{
    private const int MostTaken = 1000;

    private readonly SortedDictionary<string, Incident> _incidents = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Incident> Incidents => _incidents;

    public void Read(Section? section)
    {
        foreach (var (name, of) in section?.Children() ?? [])
        {
            if (Incident.Everywhere.Contains(name.Value))
                section!.Fail(name, name.Value, $"{string.Join(", ", Incident.Everywhere)} happen to every device or gateway; give it another name");
            var taken = Takes(of);
            var sets = Sets(of.Child("set", "say which parameters it changes: set: {jammed: 1}"));
            var atRandom = of.Flag("at_random") ?? true;
            of.RefuseOthers();
            _incidents[name.Value] = new Incident(name.Value, atRandom, taken, sets);
        }
    }

    public IReadOnlyList<(int Slot, Func<double[], double> Value)> Sets(Section? section)
    {
        var sets = new List<(int, Func<double[], double>)>();
        foreach (var entry in section?.Map.Entries ?? [])
        {
            if (section!.Text(entry.Key.Value) is not { } text)
                continue;
            if (names.Find(entry.Key.Value) is not { Variable: { } variable } target)
                section.Fail(entry.Key, entry.Key.Value, $"no parameter '{entry.Key.Value}'{NearestName.Hint(entry.Key.Value, names.Names.Where(name => names.Find(name)!.Variable is not null))}");
            else if (Value(section, text, variable) is { } value)
                sets.Add((target.Slot, value));
        }
        return sets;
    }

    /// <summary>Each with its end where the file says how long it lasts.</summary>
    public List<StoryEvent> Opening(Section root)
    {
        var opening = new List<StoryEvent>();
        foreach (var section in root.Sections("opening"))
        {
            var at = section.Duration("at", "say when, since the begin: at: 15s");
            var lasts = section.Duration("lasts");
            var device = section.Text("device", "say whose: device: pump-001");
            var what = section.Text("what", "say what happens");
            var incident = what is null ? null : _incidents.GetValueOrDefault(what.Value);
            if (what is not null && incident is null)
                section.Fail(what, "what", $"'{what.Value}' is not one of {string.Join(", ", _incidents.Keys)}{NearestName.Hint(what.Value, _incidents.Keys)}");
            var number = incident?.Takes is { } taken ? Number(section, taken) : 0;
            section.RefuseOthers();
            if (at is null || device is null || incident is null)
                continue;
            opening.Add(new StoryEvent(TimeSpan.FromMilliseconds(at.Value), device.Value, incident.Name, number));
            if (lasts is not null)
                opening.Add(new StoryEvent(TimeSpan.FromMilliseconds(at.Value + lasts.Value), device.Value, Incident.Restored));
        }
        return opening;
    }

    /// <summary>What an event says beside its incident's name; 0 for the default.</summary>
    public static int Number(Section section, Taken taken)
    {
        if (taken.Default is null && section.Find(taken.Name) is null)
            section.Missing(taken.Name, $"say which: {taken.Name}: {taken.Least}");
        return section.Whole(taken.Name, taken.Least, taken.Most) ?? 0;
    }

    private Taken? Takes(Section of)
    {
        if (of.Text("takes") is not { } name)
            return null;
        var range = of.Range("of");
        if (of.Find("of") is null)
            of.Missing("of", "say from what to what: of: 1..3");
        if (range is var (from, to) && !(from >= 0 && to <= MostTaken && double.IsInteger(from) && double.IsInteger(to)))
        {
            of.Fail(of.Find("of")!, "of", $"expected whole numbers of 0 to {MostTaken}, such as 1..3");
            range = null;
        }
        var (least, most) = range ?? (1, 1);
        var standard = of.Whole("default", (int)least, (int)most);
        var known = names.Find(name.Value);
        if (known is { Variable: not null })
            of.Fail(name, "takes", $"'{name.Value}' is a parameter; give what the event says a name of its own");
        return new Taken(name.Value, (known ?? names.Add(name.Value)).Slot, (int)least, (int)most, standard);
    }

    private Func<double[], double>? Value(Section section, YamlText text, Variable variable)
    {
        var word = variable.Words.ToList().IndexOf(text.Value);
        if (word >= 0)
            return _ => word;
        if (!Quantity.TryParse(text.Value, out var quantity, out _))
            return formulas.Read(section, variable.Name, text);
        if (quantity.TryIn(variable.Unit, out var value))
            return _ => value;
        section.Fail(text, variable.Name, string.Create(CultureInfo.InvariantCulture, $"{quantity.Unit} is not convertible to {variable.Unit ?? "a bare number"}"));
        return null;
    }
}
