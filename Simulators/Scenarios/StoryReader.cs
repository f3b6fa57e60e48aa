using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Scenarios;

/// <summary><c>story:</c> what happens when, and what must be told of it.</summary>
internal sealed class StoryReader(Cast cast, TimeSpan lasts)
{
    // Whoever plays a scenario against other rules learns that theirs miss it; a name that no shipped rule has is a slip.
    private static readonly SortedSet<string> Rules =
        new(FamilySet.Shipped().All.SelectMany(family => family.Rules).Select(rule => rule.Name).Append(Vocabulary.UnknownRule), StringComparer.Ordinal);

    private readonly List<StoryEvent> _events = [];
    private readonly List<GroundTruth> _truths = [];

    public IReadOnlyList<StoryEvent> Events => _events;

    public IReadOnlyList<GroundTruth> Truths => _truths;

    public void Read(Section root)
    {
        foreach (var section in ScenarioReader.Sections(root, "story"))
            ReadEvent(section);
    }

    /// <summary>What must be told of a fault: of each device that it strikes, or of each gateway. One that comes again is looked for the first time.</summary>
    public void ReadFault(Fault fault, Section section)
    {
        IReadOnlyList<string> struck = fault switch
        {
            GatewayOfflineFault { Gateways: var gateways } => gateways,
            RedeliveryFault { Gateways: var gateways } => gateways,
            _ => cast.Fitting(fault.Who),
        };
        foreach (var (truth, whose) in Expected(section).ToList())
            _truths.AddRange(struck.Select(device => truth with { Event = fault.Word, At = TimeSpan.FromMilliseconds(fault.When.At), Device = whose ?? device }).Distinct());
    }

    private void ReadEvent(Section section)
    {
        var at = At(section);
        var what = What(section);
        var number = what is { } known ? Number(section, known) : 0;
        var apart = TimeSpan.FromMilliseconds(section.Duration("apart") ?? 0);
        var devices = what is { } incident ? Devices(section, incident) : [];
        var expected = Expected(section).ToList();
        section.RefuseOthers();
        for (var i = 0; i < devices.Count && what is not null; i++)
        {
            var (moment, device) = (at + (i * apart), devices[i]);
            _events.Add(new StoryEvent(moment, device, what.Value, number));
            foreach (var (truth, whose) in expected)
                _truths.Add(truth with { Event = section.Text("what")!.Value, At = moment, Device = whose ?? device });
        }
        if (apart > TimeSpan.Zero && devices.Count > 0 && at + ((devices.Count - 1) * apart) > lasts)
            section.Fail(section.Find("apart")!, "apart", $"the last of {devices.Count} comes after the end");
    }

    private TimeSpan At(Section section)
    {
        var at = TimeSpan.FromMilliseconds(section.Duration("at", "say when, since the begin: at: 2min") ?? 0);
        if (lasts > TimeSpan.Zero && at > lasts && section.Find("at") is { } node)
            section.Fail(node, "at", "after the end; see lasts");
        return at;
    }

    private static Incident? What(Section section)
    {
        if (section.Text("what", $"say what happens: {string.Join(", ", IncidentWords.All.Keys)}") is null)
            return null;
        return section.Choice("what", IncidentWords.All);
    }

    private static int Number(Section section, Incident what)
    {
        if (IncidentWords.NumberOf(what) is not var (key, least, most, required))
            return 0;
        if (required && section.Find(key) is null)
            section.Missing(key, $"say which: {key}: {least}");
        return ScenarioReader.Whole(section, key, least, most) ?? 0;
    }

    private IReadOnlyList<string> Devices(Section section, Incident what)
    {
        if (section.Text("device", "say whose: an id of the city, or several by their beginning: pump-*") is not { } name)
            return [];
        var family = IncidentWords.FamilyOf(what);
        var found = cast.All(name.Value, family == IncidentWords.Gateway);
        if (found.Count == 0)
            section.Fail(name, "device", $"the city has no {(family == IncidentWords.Gateway ? "gateway" : "device")} '{name.Value}'{NearestName.Hint(name.Value, cast.Names)}");
        else if (family is not (null or IncidentWords.Gateway) && found.FirstOrDefault(id => cast.FamilyOf(id) != family) is { } other)
            section.Fail(name, "device", $"this happens to a {family}, and '{other}' is a {cast.FamilyOf(other)}");
        return found;
    }

    /// <summary>Each with the device that it names; null for that of the event.</summary>
    private IEnumerable<(GroundTruth Truth, string? Device)> Expected(Section section)
    {
        foreach (var expect in ScenarioReader.Sections(section, "expect"))
        {
            var rule = Rule(expect);
            var name = expect.Text("device");
            var device = name is null ? null : cast.Find(name.Value);
            if (name is not null && device is null)
                expect.Fail(name, "device", $"the city has no device, gateway or place '{name.Value}'{NearestName.Hint(name.Value, cast.Names)}");
            var within = expect.Duration("within", "say how long it may take until it is told: within: 30s");
            var instance = expect.Text("instance")?.Value;
            var severity = expect.Choice("severity", Vocabulary.Severities) ?? Severity.Low;
            expect.RefuseOthers();
            if (rule is not null && within is not null)
                yield return (new GroundTruth("", default, "", rule, instance, severity, TimeSpan.FromMilliseconds(within.Value)), device);
        }
    }

    internal static string? Rule(Section section)
    {
        if (section.Text("rule", "say which rule tells it") is not { } rule)
            return null;
        if (!Rules.Contains(rule.Value))
            section.Fail(rule, "rule", $"no shipped family has a rule '{rule.Value}'{NearestName.Hint(rule.Value, Rules)}");
        return rule.Value;
    }
}
