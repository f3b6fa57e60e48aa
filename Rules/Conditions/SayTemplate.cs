using System.Globalization;
using System.Text;

namespace Telemetry.Rules.Conditions;

/// <summary>What an alarm adds to its title, such as <c>overflow in {(overflow_level - sump_level) / rate(sump_level, 3m)}</c>, compiled.</summary>
public sealed class SayTemplate
{
    private readonly List<(string Text, Func<ConditionInputs, Num>? Number, string? Unit)> _parts = [];

    internal void Add(string text) => _parts.Add((text, null, null));

    internal void Add(NumberResult number) => _parts.Add(("", number.Number, number.Unit));

    /// <summary>The text at the moment of <paramref name="inputs"/>; null where a figure of it can't be told, or a time to come lies in the past: half a sentence misleads.</summary>
    public string? Render(ConditionInputs inputs)
    {
        var text = new StringBuilder();
        foreach (var (part, number, unit) in _parts)
        {
            if ((number is null ? part : Shown(number(inputs), unit)) is not { } shown)
                return null;
            text.Append(shown);
        }
        return text.ToString();
    }

    private static string? Shown(Num number, string? unit) => number.State switch
    {
        NumState.Known when unit == "s" => Duration(number.Value),
        NumState.Known => Amount(number.Value, unit),
        NumState.Over => "more than " + (unit == "s" ? Duration(number.Value) : Amount(number.Value, unit)),
        _ => null,
    };

    private static string Amount(double value, string? unit) =>
        value.ToString("G3", CultureInfo.InvariantCulture) + (unit is null or "1" ? "" : unit == "%" ? " %" : $" {unit}");

    /// <summary>For someone who has to be there before it is over.</summary>
    private static string? Duration(double seconds) => seconds switch
    {
        < 0 => null,
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
    };
}
