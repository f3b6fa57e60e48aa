using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Scenarios;

/// <summary>
/// <c>register:</c> what stands in the register of some of the city's devices instead of what was drawn: a story of one street needs its covers in one street.
/// </summary>
internal static class PlaceReader
{
    /// <summary>The whole register, in the order of the city's.</summary>
    public static IReadOnlyList<Device> Read(Section root, IReadOnlyList<Device> city, string prefix)
    {
        if (root.Child("register") is not { } section)
            return city;
        var byId = city.ToDictionary(device => device.Id, StringComparer.Ordinal);
        foreach (var (name, of) in section.Children())
        {
            var fitting = city.Where(device => Pattern.Fits(prefix + name.Value, device.Id)).ToList();
            if (fitting.Count == 0)
                section.Fail(name, name.Value, $"the city has no device '{name.Value}'{NearestName.Hint(name.Value, city.Select(device => device.Id[prefix.Length..]))}");
            var (district, street) = (of.Text("district"), of.Text("street"));
            var settings = Texts(of.Child("settings"));
            var links = Texts(of.Child("links"));
            of.RefuseOthers();
            foreach (var device in fitting)
            {
                var before = byId[device.Id];
                byId[device.Id] = before with
                {
                    District = district?.Value ?? before.District,
                    Street = street?.Value ?? before.Street,
                    Settings = Merged(before.Settings, settings),
                    // A link to a device of the city goes by its id there.
                    Links = Merged(before.Links, links.Select(link => (link.Key, byId.ContainsKey(prefix + link.Value) ? prefix + link.Value : link.Value))),
                };
            }
        }
        return [.. city.Select(device => byId[device.Id])];
    }

    private static List<(string Key, string Value)> Texts(Section? section)
    {
        var texts = new List<(string, string)>();
        foreach (var entry in section?.Map.Entries ?? [])
        {
            if (section!.Text(entry.Key.Value) is { } text)
                texts.Add((entry.Key.Value, text.Value));
        }
        return texts;
    }

    private static SortedDictionary<string, string> Merged(IReadOnlyDictionary<string, string> before, IEnumerable<(string Key, string Value)> instead)
    {
        var merged = new SortedDictionary<string, string>(before.ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, value) in instead)
            merged[key] = value;
        return merged;
    }
}
