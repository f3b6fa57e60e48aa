using System.Globalization;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators;

/// <summary>What the files of the simulators ask of a mapping beyond what family files do.</summary>
internal static class SectionExtensions
{
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
