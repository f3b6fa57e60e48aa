using System.Globalization;

namespace Telemetry.Ingest.Decoding;

/// <summary>Numbers that a sender wrote in 32 bits.</summary>
internal static class SinglePrecision
{
    /// <summary>The shortest decimal number that the sender can have meant: 2.2, where widening would make 2.2000000477 of it, which lies above a limit of 2.2.</summary>
    public static double Widen(float number)
    {
        Span<char> text = stackalloc char[32];
        return float.IsFinite(number) && number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : number;
    }
}
