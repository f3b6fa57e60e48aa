using System.Globalization;
using System.Text.RegularExpressions;

namespace Telemetry.Simulators.Physics;

/// <summary>Texts with names in braces, such as <c>lamp-{number:4}</c>: a number behind the colon is how many digits there are at least.</summary>
internal static partial class PlaceText
{
    public static IEnumerable<string> NamesIn(string text) => Names().Matches(text).Select(match => match.Groups["name"].Value);

    public static string Fill(string text, Func<string, string> valueOf) => Names().Replace(text, match =>
        valueOf(match.Groups["name"].Value).PadLeft(match.Groups["digits"] is { Success: true } digits ? int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0, '0'));

    [GeneratedRegex(@"\{(?<name>[a-z0-9_.]+)(:(?<digits>[1-9]))?\}")]
    private static partial Regex Names();
}
