using System.Globalization;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>
/// A field as a model's file writes it: <c>u16 cm</c>, <c>i16 / 10 Cel</c>, <c>u16 bits 0..13 / 1000 V</c>, <c>u8 bit 2</c>, <c>u16 bit 0 at 4</c>, <c>ascii 16</c>, <c>skip 3</c>.
/// </summary>
internal static class FieldNotation
{
    public const string Expected = "write a type (u8 u16 u24 u32 u64, i8 to i64 with a sign, f32 f64, ascii N, skip N), then if needed: bits 0..13 or bit 2, / 10 or * 0.5, at N (bytes from the start), and last its unit";

    /// <summary>More than any frame has.</summary>
    private const int MaxBytes = 4096;

    /// <param name="offset">Where the field stands unless it says so itself.</param>
    /// <returns>Null, and what is wrong, for what is no field.</returns>
    public static FieldLayout? Parse(string name, string text, int offset, out string? error)
    {
        error = null;
        var words = new Queue<string>(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (!words.TryDequeue(out var type) || TypeOf(type, words, out var size) is not { } kind)
        {
            error = $"'{text}' is not a field; {Expected}";
            return null;
        }
        var field = new FieldLayout { Name = name, Type = kind, Offset = offset, Size = size, Bits = 8 * size };
        while (words.TryDequeue(out var word))
        {
            if (words.Count == 0 && Units.IsKnown(word))
            {
                field = field with { Unit = word };
                break;
            }
            var next = words.TryDequeue(out var argument) ? With(field, word, argument) : null;
            if (next is null)
            {
                error = $"'{text}': '{word}{(argument is null ? "" : " " + argument)}' can't be read; {Expected}";
                return null;
            }
            field = next;
        }
        return field;
    }

    /// <summary>A number in decimal or, with 0x before it, in hexadecimal.</summary>
    public static double? Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static FieldType? TypeOf(string word, Queue<string> words, out int size)
    {
        size = 0;
        switch (word)
        {
            case "ascii" or "skip":
                return words.TryDequeue(out var count) && Whole(count, 1, MaxBytes, out size) ? word == "ascii" ? FieldType.Text : FieldType.Skipped : null;
            case "f32" or "f64":
                size = word == "f32" ? 4 : 8;
                return FieldType.Float;
            case ['u' or 'i', .. var bits] when Whole(bits, 8, 64, out var length) && length % 8 == 0:
                size = length / 8;
                return word[0] == 'u' ? FieldType.Unsigned : FieldType.Signed;
            default:
                return null;
        }
    }

    private static FieldLayout? With(FieldLayout field, string word, string argument)
    {
        var isWhole = field.Type is FieldType.Unsigned or FieldType.Signed;
        switch (word)
        {
            case "at" when Whole(argument, 0, MaxBytes, out var offset):
                return field with { Offset = offset };
            case "bit" when isWhole && Whole(argument, 0, (8 * field.Size) - 1, out var bit):
                return field with { LowBit = bit, Bits = 1 };
            case "bits" when isWhole && argument.Split("..") is [var low, var high] && Whole(low, 0, 63, out var from) && Whole(high, from, (8 * field.Size) - 1, out var to):
                return field with { LowBit = from, Bits = to - from + 1 };
            case "/" when field.Type < FieldType.Text && Number(argument) is { } by && by != 0:
                return field with { By = field.By * by };
            case "*" when field.Type < FieldType.Text && Number(argument) is { } times && times != 0:
                return field with { Times = field.Times * times };
            default:
                return null;
        }
    }

    private static bool Whole(string text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;
}
