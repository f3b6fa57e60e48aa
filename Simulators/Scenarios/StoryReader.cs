using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Scenarios;

/// <summary><c>story:</c> what happens when, and what must be told of it.</summary>
internal sealed class StoryReader(Cast cast, TimeSpan lasts)
{
    // Whoever plays a scenario against other rules learns that theirs miss it; a name that no shipped rule has is a slip.
    private static readonly SortedSet<string> Rules =
        new(FamilySet.Shipped().All.SelectMany(family => family.Rules).Select(rule => rule.Name).Append(Vocabulary.UnknownRule), StringComparer.Ordinal);

    private static readonly PhysicsSet Physics = PhysicsSet.Shipped;

    private readonly List<StoryEvent> _events = [];
    private readonly List<GroundTruth> _truths = [];

    public IReadOnlyList<StoryEvent> Events => _events;

    public IReadOnlyList<GroundTruth> Truths => _truths;

    public void Read(Section root)
    {
        foreach (var section in root.Sections("story"))
            ReadEvent(section);
    }

    /// <summary>What a storm must raise: at every device that its name stands for, counted from when the front is there.</summary>
    /// <param name="storm">Null where it has mistakes.</param>
    public void ReadStorm(Section section, Storm? storm)
    {
        foreach (var (truth, name, device) in Expected(section, several: true))
        {
            if (name is null)
                section.Fail(section.Find("expect")!, "expect", "say whose: device: pump-*");
            else if (storm is not null)
                _truths.AddRange((device is null ? cast.All(name, gateways: false) : [device]).Select(each => truth with { Event = "storm", At = storm.ReachesAfter(cast.DistrictOf(each)), Device = each }));
        }
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
        foreach (var (truth, _, whose) in Expected(section).ToList())
            _truths.AddRange(struck.Select(device => truth with { Event = fault.Word, At = TimeSpan.FromMilliseconds(fault.When.At), Device = whose ?? device }).Distinct());
    }

    private void ReadEvent(Section section)
    {
        var at = At(section);
        var what = What(section);
        var apart = TimeSpan.FromMilliseconds(section.Duration("apart") ?? 0);
        var devices = what is null ? [] : Devices(section, what);
        var number = what is null ? 0 : Number(section, what, devices);
        var expected = Expected(section).ToList();
        section.RefuseOthers();
        for (var i = 0; i < devices.Count && what is not null; i++)
        {
            var (moment, device) = (at + (i * apart), devices[i]);
            _events.Add(new StoryEvent(moment, device, what, number));
            foreach (var (truth, _, whose) in expected)
                _truths.Add(truth with { Event = what, At = moment, Device = whose ?? device });
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

    private static string? What(Section section)
    {
        if (section.Text("what", $"say what happens: {string.Join(", ", Physics.Incidents)}") is not { } what)
            return null;
        if (Physics.Incidents.Contains(what.Value))
            return what.Value;
        section.Fail(what, "what", $"'{what.Value}' is not one of {string.Join(", ", Physics.Incidents)}{NearestName.Hint(what.Value, Physics.Incidents)}");
        return null;
    }

    /// <summary>Which one, or how much; 0 where there is nothing to say.</summary>
    private int Number(Section section, string what, IReadOnlyList<string> devices)
    {
        // Whose it is may be wrong, and that is said already.
        var family = devices.Count > 0 && !IsOfGateways(what) ? Physics.Find(cast.FamilyOf(devices[0])) : null;
        var incident = family?.Find(what) ?? Physics.All.Select(each => each.Find(what)).FirstOrDefault(each => each is not null);
        return incident?.Takes is { } taken ? IncidentReader.Number(section, taken) : 0;
    }

    private static bool IsOfGateways(string what) => what is Incident.GatewayDies or Incident.GatewayReturns;

    private IReadOnlyList<string> Devices(Section section, string what)
    {
        if (section.Text("device", "say whose: an id of the city, or several by their beginning: pump-*") is not { } name)
            return [];
        var gateways = IsOfGateways(what);
        var found = cast.All(name.Value, gateways);
        var families = Physics.All.Where(family => family.Find(what) is not null).Select(family => family.Name).ToList();
        if (found.Count == 0)
            section.Fail(name, "device", $"the city has no {(gateways ? "gateway" : "device")} '{name.Value}'{NearestName.Hint(name.Value, cast.Names)}");
        else if (families.Count > 0 && found.FirstOrDefault(id => !families.Contains(cast.FamilyOf(id))) is { } other)
            section.Fail(name, "device", $"this happens to a {string.Join(" or ", families)}, and '{other}' is a {cast.FamilyOf(other)}");
        return found;
    }

    /// <summary>Each with the name that it gives, null for the event's device, and whom it stands for: one device, gateway or place; null for several.</summary>
    private IEnumerable<(GroundTruth Truth, string? Name, string? Device)> Expected(Section section, bool several = false)
    {
        foreach (var expect in section.Sections("expect"))
        {
            var rule = Rule(expect);
            var name = expect.Text("device");
            var device = name is null ? null : cast.Find(name.Value);
            if (name is not null && device is null && !(several && cast.All(name.Value, gateways: false).Count > 0))
                expect.Fail(name, "device", $"the city has no device, gateway or place '{name.Value}'{NearestName.Hint(name.Value, cast.Names)}");
            var within = expect.Duration("within", "say how long it may take until it is told: within: 30s");
            var instance = expect.Text("instance")?.Value;
            var severity = expect.Choice("severity", Vocabulary.Severities) ?? Severity.Low;
            expect.RefuseOthers();
            if (rule is not null && within is not null)
                yield return (new GroundTruth("", default, "", rule, instance, severity, TimeSpan.FromMilliseconds(within.Value)), name?.Value, device);
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
