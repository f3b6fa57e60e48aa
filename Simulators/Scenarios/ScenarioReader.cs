using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Scenarios;

/// <param name="Scenario">Null where there are errors.</param>
/// <param name="Errors">All of the file's, in its order.</param>
public sealed record ScenarioResult(Scenario? Scenario, IReadOnlyList<FamilyError> Errors);

/// <summary>Another city than the file's. Null leaves what the file says.</summary>
public sealed record ScenarioCity(int? Devices = null, int? Seed = null, string Prefix = "");

/// <summary>Reads one scenario file. Any text gives a scenario or errors that say what, where and what would be right.</summary>
public static class ScenarioReader
{
    private const int DefaultDevices = 60;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <param name="fileName">For the errors alone.</param>
    public static ScenarioResult Read(string fileName, string text, ScenarioCity? city = null)
    {
        var errors = new ErrorList(fileName);
        var root = YamlReader.Read(text, errors, "scenario");
        if (root is not null and not YamlMap)
            errors.Add(root, "", $"expected scenario: NAME and what follows, found {root.Shown}");
        var scenario = root is YamlMap map ? Read(new Section(map, "", errors), city ?? new ScenarioCity()) : null;
        return new ScenarioResult(errors.Count == 0 ? scenario : null, errors.Sorted());
    }

    private static Scenario? Read(Section root, ScenarioCity other)
    {
        var name = root.Text("scenario", "a scenario file begins with scenario: NAME");
        var title = root.Title("title", "write title: {en: Fire in a tunnel, zh: 隧道火灾}");
        var begins = Begins(root);
        var lasts = TimeSpan.FromMilliseconds(root.Duration("lasts", "write lasts: 30min") ?? 0);
        if (root.Find("lasts") is { } length && (lasts <= TimeSpan.Zero || lasts > Longest))
            root.Fail(length, "lasts", "expected more than 0 and at most 24h");
        var city = root.Child("city");
        var count = city?.Whole("devices", CityBuilder.Fewest, 1_000_000) ?? DefaultDevices;
        var seed = city?.Whole("seed", 0, int.MaxValue) ?? 1;
        city?.RefuseOthers();
        (count, seed) = (other.Devices ?? count, other.Seed ?? seed);
        var devices = PlaceReader.Read(root, new SimulatedCity(count, seed, [], DateTimeOffset.UnixEpoch, other.Prefix).Devices, other.Prefix);
        var cast = new Cast(devices, other.Prefix);
        var story = new StoryReader(cast, lasts);
        story.Read(root);
        var weather = WeatherReader.Read(root, story);
        var faults = FaultReader.Read(root, new FaultCast(Sender.Of(devices), other.Prefix, (long)lasts.TotalMilliseconds), story.ReadFault);
        var allowed = Allowed(root, other.Prefix);
        var atMost = AtMost(root);
        root.RefuseOthers();
        return name is null || title is null ? null : new Scenario
        {
            Name = name.Value,
            Title = title,
            Begins = begins,
            Lasts = lasts,
            DeviceCount = count,
            Seed = seed,
            Prefix = other.Prefix,
            Devices = devices,
            Weather = weather,
            Events = [.. story.Events.OrderBy(happening => happening.At)],
            Faults = new FaultPlan(seed, faults),
            Truths = story.Truths,
            Allowed = allowed,
            AtMost = atMost,
        };
    }

    private static TimeSpan Begins(Section root)
    {
        if (root.Text("begins", "write begins: \"17:30\", China's time") is not { } text)
            return default;
        if (TimeOnly.TryParseExact(text.Value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time.ToTimeSpan();
        root.Fail(text, "begins", $"'{text.Value}' is not a time of day; write \"17:30\"");
        return default;
    }

    private static List<Allowance> Allowed(Section root, string prefix)
    {
        var allowed = new List<Allowance>();
        foreach (var section in root.Sections("allow"))
        {
            var rule = StoryReader.Rule(section);
            var device = section.Text("device");
            var because = section.Text("because", "say why this alarm is right: because: the water stands on the road");
            section.RefuseOthers();
            if (rule is null || because is null)
                continue;
            // Of a device or a gateway; a place has no prefix.
            allowed.Add(new Allowance(device is null ? "*" : prefix + device.Value, rule, because.Value));
            if (device is not null && prefix.Length > 0)
                allowed.Add(new Allowance(device.Value, rule, because.Value));
        }
        return allowed;
    }

    private static LoadLimit? AtMost(Section root)
    {
        if (root.Child("at_most") is not { } section)
            return null;
        var alarms = section.Whole("alarms_a_day", 0, 100_000);
        var critical = section.Whole("critical_percent", 0, 100);
        section.RefuseOthers();
        if (alarms is null || critical is null)
            section.Missing(alarms is null ? "alarms_a_day" : "critical_percent", "write at_most: {alarms_a_day: 150, critical_percent: 10}");
        return alarms is null || critical is null ? null : new LoadLimit(alarms.Value, critical.Value / 100.0);
    }
}
