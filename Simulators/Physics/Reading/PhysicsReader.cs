using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Reading;

/// <param name="Physics">Null where there are errors.</param>
/// <param name="Errors">All of the file's, in its order.</param>
public sealed record PhysicsResult(FamilyPhysics? Physics, IReadOnlyList<FamilyError> Errors);

/// <summary>Reads one physics file. Any text gives physics or errors that say what, where and what would be right.</summary>
public static class PhysicsReader
{
    private static readonly SortedDictionary<string, Func<Inputs, Random, Model>> Models = new(ModelTable.All.ToDictionary(), StringComparer.Ordinal);

    /// <param name="fileName">For the errors alone.</param>
    /// <param name="families">Whose channels and settings the file may name.</param>
    public static PhysicsResult Read(string fileName, string text, FamilySet families)
    {
        var errors = new ErrorList(fileName);
        var root = YamlReader.Read(text, errors, "physics");
        if (root is not null and not YamlMap)
            errors.Add(root, "", $"expected family: NAME and what follows, found {root.Shown}");
        var physics = root is YamlMap map ? Read(new Section(map, "", errors), families) : null;
        return new PhysicsResult(errors.Count == 0 ? physics : null, errors.Sorted());
    }

    private static FamilyPhysics? Read(Section root, FamilySet families)
    {
        var family = FamilyOf(root, families);
        var names = new NameTable();
        foreach (var name in Surroundings.Names.Keys.Concat([Placement.Number, Placement.Row, Placement.Member]))
            names.Add(name);
        var formulas = new FormulaReader(names);
        var variables = new VariableReader(names, formulas);
        variables.ReadSettings(root.Child("settings"), family);
        variables.ReadParameters(root.Child("parameters"), root.Text("source"));
        var placement = PlacementReader.Read(root, names);
        var every = root.Duration("every", "say how often it reports: every: 10s");
        var incidents = new IncidentReader(names, formulas);
        incidents.Read(root.Child("incidents"));
        var restored = incidents.Sets(root.Child("restored"));
        var opening = incidents.Opening(root);
        var parts = new PartReader(names, formulas).Read(root.Child("values"));
        var (report, slow, slowEvery) = Reports(root, family, names, formulas);
        var silent = formulas.Read(root, "silent");
        var model = ModelOf(root, names, formulas);
        RefuseUnused(root, variables, formulas, placement);
        root.RefuseOthers();
        if (family is null || placement is null || every is null)
            return null;
        return new FamilyPhysics
        {
            Name = family.Name,
            Placement = placement,
            Every = TimeSpan.FromMilliseconds(every.Value),
            Incidents = incidents.Incidents,
            Opening = opening,
            Names = names,
            Variables = variables.Variables,
            Around = [.. Surroundings.Names.Select(name => (names.Find(name.Key)!.Slot, name.Value)).Where(each => formulas.Used.Contains(each.Slot))],
            Parts = parts,
            Model = model,
            Report = report,
            SlowReport = slow,
            SlowEvery = slowEvery,
            Switches = [.. report.Concat(slow).Where(channel => channel is not ReportedNumber).Select(channel => channel.Value)],
            Silent = silent,
            Disturbable = [.. incidents.Incidents.Values.SelectMany(incident => incident.Sets).Select(set => set.Slot).Distinct()],
            Restored = restored,
        };
    }

    private static Family? FamilyOf(Section root, FamilySet families)
    {
        if (root.Text("family", "a physics file begins with family: NAME") is not { } name)
            return null;
        if (families.Find(name.Value) is { IsBuiltIn: false } family)
            return family;
        root.Fail(name, "family", $"there is no family '{name.Value}' with channels{NearestName.Hint(name.Value, families.All.Select(known => known.Name))}");
        return null;
    }

    private static (List<ReportedChannel> Report, List<ReportedChannel> Slow, double SlowEvery) Reports(Section root, Family? family, NameTable names, FormulaReader formulas)
    {
        var (section, slow) = (root.Child("report"), root.Child("slow_report"));
        var every = slow?.Duration("every", "say how often these are reported: every: 60s");
        var inner = slow?.Child("report", "say what is reported");
        slow?.RefuseOthers();
        if (family is null)
            return ([], [], 0);
        var reader = new ReportReader(names, formulas, family);
        return (reader.Read(section), reader.Read(inner), (every ?? 0) / 1000.0);
    }

    /// <summary>A figure that nothing asks for is one that somebody believes to matter.</summary>
    private static void RefuseUnused(Section root, VariableReader variables, FormulaReader formulas, Placement? placement)
    {
        if (root.Child("parameters") is not { } section)
            return;
        var shown = PlaceText.NamesIn(placement?.Address ?? "").ToHashSet();
        var unused = variables.Variables.Where(each => !each.Variable.IsSetting && !formulas.Used.Contains(each.Slot) && !shown.Contains(each.Variable.Name)).Select(each => each.Variable.Name).ToHashSet();
        foreach (var entry in section.Map.Entries.Where(entry => unused.Contains(entry.Key.Value)))
            section.Fail(entry.Key, entry.Key.Value, "nothing asks for it: no formula, no address, and not the model");
    }

    private static Func<Inputs, Random, Model>? ModelOf(Section root, NameTable names, FormulaReader formulas)
    {
        if (root.Text("model") is not { } name)
        {
            if (root.Find("report") is null)
                root.Missing("report", $"say what it sends, or which model does: model: {string.Join(", ", Models.Keys)}");
            return null;
        }
        if (!Models.TryGetValue(name.Value, out var model))
        {
            root.Fail(name, "model", $"'{name.Value}' is not one of {string.Join(", ", Models.Keys)}{NearestName.Hint(name.Value, Models.Keys)}");
            return null;
        }
        // On trial, so that it says what it needs.
        var inputs = new Inputs(names, Trial(names));
        _ = model(inputs, new Random(0));
        foreach (var problem in inputs.Problems)
            root.Fail(name, "model", problem);
        formulas.Used.UnionWith(inputs.Asked.Select(names.Find).OfType<NamedSlot>().Select(found => found.Slot));
        return model;
    }

    private static double[] Trial(NameTable names)
    {
        var (values, random) = (new double[names.Count], new Random(0));
        foreach (var found in names.Names.Select(name => names.Find(name)!).Where(found => found.Variable is not null))
            values[found.Slot] = found.Variable!.Draw(random, values);
        return values;
    }
}
