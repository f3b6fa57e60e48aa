using System.Buffers.Text;

namespace Telemetry.Ingest.Decoding.Senml;

/// <summary>A record as it was sent, before the base fields before it are added to it. Used again for the next one.</summary>
internal sealed class SenmlRecord
{
    public string? BaseName { get; private set; }

    /// <summary>Seconds, as <see cref="Time"/>.</summary>
    public double? BaseTime { get; private set; }

    public string? BaseUnit { get; private set; }

    public double? BaseValue { get; private set; }

    public double? BaseSum { get; private set; }

    public double? Version { get; private set; }

    public string? Name { get; private set; }

    public string? Unit { get; private set; }

    /// <summary>Unix seconds from 2^28, below it seconds from now.</summary>
    public double? Time { get; private set; }

    public double? Value { get; private set; }

    public string? Text { get; private set; }

    public bool? Flag { get; private set; }

    public byte[]? Data { get; private set; }

    /// <summary>Of the value over time, in its unit times seconds.</summary>
    public double? Sum { get; private set; }

    /// <summary>What of its own fields is not what it should be; it costs the record alone.</summary>
    public string? Problem { get; private set; }

    public void Clear()
    {
        (BaseName, BaseTime, BaseUnit, BaseValue, BaseSum, Version) = (null, null, null, null, null, null);
        (Name, Unit, Time, Value, Text, Flag, Data, Sum, Problem) = (null, null, null, null, null, null, null, null, null);
    }

    /// <exception cref="MalformedMessageException">A base field of another type than its own: all records behind it would be wrong. Or the name.</exception>
    public void Set(SenmlLabel label, in SenmlValue value)
    {
        switch (label.Field)
        {
            case SenmlField.BaseVersion:
                Version = Needed(label, value.Number, "a whole number");
                break;
            case SenmlField.BaseName:
                BaseName = Needed(label, value.Text, "a text");
                break;
            case SenmlField.BaseTime:
                BaseTime = Needed(label, value.Number, "a number of seconds");
                break;
            case SenmlField.BaseUnit:
                BaseUnit = Needed(label, value.Text, "a text");
                break;
            case SenmlField.BaseValue:
                BaseValue = Needed(label, value.Number, "a number");
                break;
            case SenmlField.BaseSum:
                BaseSum = Needed(label, value.Number, "a number");
                break;
            case SenmlField.Name:
                Name = Needed(label, value.Text, "a text");
                break;
            case SenmlField.Unit:
                Unit = value.Text ?? Wrong<string>(label, "a text");
                break;
            case SenmlField.Time:
                Time = value.Number ?? Wrong<double?>(label, "a number of seconds");
                break;
            case SenmlField.Value:
                Value = value.Number ?? Wrong<double?>(label, "a number");
                break;
            case SenmlField.Text:
                Text = value.Text ?? Wrong<string>(label, "a text");
                break;
            case SenmlField.Flag:
                Flag = value.Flag ?? Wrong<bool?>(label, "true or false");
                break;
            case SenmlField.Sum:
                Sum = value.Number ?? Wrong<double?>(label, "a number");
                break;
            case SenmlField.Data:
                Data = value.Data ?? Bytes(value.Text) ?? Wrong<byte[]>(label, "bytes; in JSON base64url without padding");
                break;
        }
    }

    private static byte[]? Bytes(string? text) => text is not null && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private T? Wrong<T>(SenmlLabel label, string expected)
    {
        Problem ??= $"{label.Name}: expected {expected}";
        return default;
    }

    private static T Needed<T>(SenmlLabel label, T? value, string expected)
        where T : class => value ?? throw NotOfType(label, expected);

    private static double Needed(SenmlLabel label, double? value, string expected) => value ?? throw NotOfType(label, expected);

    private static MalformedMessageException NotOfType(SenmlLabel label, string expected) =>
        new(RejectReason.Malformed, $"{label.Name}: expected {expected}; no record behind it could be right");
}

/// <summary>A field's value in the type in which it was sent; none for one that no field has.</summary>
internal readonly record struct SenmlValue(double? Number, string? Text, bool? Flag, byte[]? Data)
{
    public static SenmlValue Of(double number) => new(number, null, null, null);

    public static SenmlValue Of(string text) => new(null, text, null, null);

    public static SenmlValue Of(bool flag) => new(null, null, flag, null);

    public static SenmlValue Of(byte[] data) => new(null, null, null, data);
}
