using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Scenarios;

/// <summary><c>weather:</c> how warm the day is, and the storms that cross the city.</summary>
internal static class WeatherReader
{
    private const double MostRain = 300;

    private static readonly SortedDictionary<string, double> Bearings = new(StringComparer.Ordinal)
    {
        ["north"] = 0, ["northeast"] = 45, ["east"] = 90, ["southeast"] = 135, ["south"] = 180, ["southwest"] = 225, ["west"] = 270, ["northwest"] = 315,
    };

    /// <param name="story">Told of what each storm must raise.</param>
    public static Weather Read(Section root, StoryReader story)
    {
        if (root.Child("weather") is not { } section)
            return Weather.Mild;
        var (mean, swing) = (Quantity(section, "temperature", "Cel", -30, 50) ?? Weather.Mild.Temperature, Quantity(section, "swing", "Cel", 0, 20) ?? Weather.Mild.Swing);
        var storms = section.Sections("storms").Select(storm => Storm(storm, story)).OfType<Storm>().ToList();
        section.RefuseOthers();
        return new Weather(mean, swing, storms);
    }

    private static Storm? Storm(Section section, StoryReader story)
    {
        var at = section.Duration("at", "say when it reaches the city's first district: at: 5min");
        var from = section.Choice("from", Bearings);
        if (section.Find("from") is null)
            section.Missing("from", "say where it comes from: from: west");
        var speed = Quantity(section, "speed", "km/h", 1, 200);
        if (section.Find("speed") is null)
            section.Missing("speed", "say how fast it crosses: speed: 30 km/h");
        var rain = Rain(section.Child("rain", "say how it rains after its front: rain: {0min: 20 mm/h, 10min: 80 mm/h, 40min: 0 mm/h}"));
        var storm = at is null || from is null || speed is null || rain.Count == 0 ? null : new Storm(TimeSpan.FromMilliseconds(at.Value), from.Value, speed.Value, rain);
        story.ReadStorm(section, storm);
        section.RefuseOthers();
        return storm;
    }

    private static List<(TimeSpan After, double Intensity)> Rain(Section? rain)
    {
        var points = new List<(TimeSpan After, double Intensity)>();
        foreach (var entry in rain?.Map.Entries ?? [])
        {
            var intensity = Quantity(rain!, entry.Key.Value, "mm/h", 0, MostRain);
            if (Rules.Conditions.Quantity.Duration(entry.Key.Value) is not { } after)
                rain!.Fail(entry.Key, entry.Key.Value, $"'{entry.Key.Value}' is not a time since the front; write 10min");
            else if (points.Count > 0 && after <= points[^1].After.TotalMilliseconds)
                rain!.Fail(entry.Key, entry.Key.Value, "comes before the time above it");
            else if (intensity is { } known)
                points.Add((TimeSpan.FromMilliseconds(after), known));
        }
        return points;
    }

    private static double? Quantity(Section section, string key, string unit, double least, double most)
    {
        if (section.Text(key) is not { } text)
            return null;
        if (Rules.Conditions.Quantity.TryParse(text.Value, out var quantity, out _) && quantity.TryIn(unit, out var value) && value >= least && value <= most)
            return value;
        section.Fail(text, key, $"'{text.Value}': expected {least} to {most} {unit}");
        return null;
    }
}
