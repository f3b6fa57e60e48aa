using System.Globalization;

namespace Telemetry.Simulators.Physics;

/// <summary>A setting or a parameter of a physics file: what is drawn once for each device.</summary>
/// <param name="Unit">UCUM; null for a bare number, a yes or no, a word.</param>
/// <param name="Words">For one whose value is a word, by its index; of yes and no: false, true. Empty for a number.</param>
/// <param name="Draw">From the device's randomness and what stands above it.</param>
public sealed record Variable(string Name, string? Unit, IReadOnlyList<string> Words, bool IsSetting, Func<Random, double[], double> Draw)
{
    /// <summary>As the register writes it.</summary>
    public string Text(double value) => Words.Count > 0 ? Words[(int)value] : value.ToString("0.###", CultureInfo.InvariantCulture);
}
