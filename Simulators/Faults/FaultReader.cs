using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Faults;

/// <param name="Plan">Null where there are errors.</param>
/// <param name="Errors">All of the file's, in its order.</param>
public sealed record FaultResult(FaultPlan? Plan, IReadOnlyList<FamilyError> Errors);

/// <summary>Reads a fault file (docs/faults.md), or the <c>faults:</c> of a scenario. Any text gives a plan or errors that say what, where and what would be right.</summary>
public static class FaultReader
{
    /// <param name="fileName">For the errors alone.</param>
    /// <param name="senders">Whose readings it lies over.</param>
    /// <param name="prefix">Before every id, beside the names in the file.</param>
    public static FaultResult Read(string fileName, string text, IReadOnlyList<Sender> senders, string prefix = "")
    {
        var errors = new ErrorList(fileName);
        var root = YamlReader.Read(text, errors, "fault", "faults: and a list");
        FaultPlan? plan = null;
        if (root is YamlMap map)
        {
            var section = new Section(map, "", errors);
            var faults = Read(section, new FaultCast(senders, prefix), (_, _) => { });
            plan = new FaultPlan(section.Whole("seed", 0, int.MaxValue) ?? 1, faults);
            if (section.Find("faults") is null)
                section.Missing("faults", "write faults: and a list of them");
            section.RefuseOthers();
        }
        else if (root is not null)
            errors.Add(root, "", $"expected faults: and a list, found {root.Shown}");
        return new FaultResult(errors.Count == 0 ? plan : null, errors.Sorted());
    }

    /// <summary>The list under <c>faults:</c>; empty where there is none.</summary>
    /// <param name="more">Reads what else the item may say.</param>
    internal static IReadOnlyList<Fault> Read(Section root, FaultCast cast, Action<Fault, Section> more)
    {
        var faults = new List<Fault>();
        foreach (var section in root.Sections("faults"))
        {
            if (section.Text("fault", $"say which: {string.Join(", ", FaultKinds.All.Keys)}") is not { } word)
                continue;
            if (!FaultKinds.All.TryGetValue(word.Value, out var read))
            {
                section.Fail(word, "fault", $"'{word.Value}' is not one of {string.Join(", ", FaultKinds.All.Keys)}{NearestName.Hint(word.Value, FaultKinds.All.Keys)}");
                continue;
            }
            var fault = read(new FaultEntry(section, cast, word.Value, faults.Count + 1));
            faults.Add(fault);
            more(fault, section);
            section.RefuseOthers();
        }
        return faults;
    }
}
