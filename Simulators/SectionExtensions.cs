using System.Globalization;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators;

/// <summary>What the files of the simulators ask of a mapping beyond what family files do.</summary>
internal static class SectionExtensions
{
    /// <summary>The mappings of a list; none where the key is missing.</summary>
    public static IEnumerable<Section> Sections(this Section of, string key)
    {
        var node = of.Find(key);
        if (node is not (null or YamlList))
            of.Fail(node, key, $"expected a list, found {node.Shown}");
        var items = (node as YamlList)?.Items ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is YamlMap map)
                yield return of.Of(map, string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"));
            else
                of.Fail(items[i], key, $"expected a mapping, found {items[i].Shown}");
        }
    }

    public static int? Whole(this Section section, string key, int least, int most)
    {
        if (section.Text(key) is not { } text)
            return null;
        if (int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        section.Fail(text, key, $"'{text.Value}': expected a whole number of {least} to {most}");
        return null;
    }
}
