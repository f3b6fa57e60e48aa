using System.Globalization;
using Telemetry.Ingest.Decoding.Models.Mapping;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>What became of a field: a value, a refusal (<see cref="RejectReason"/> and, for a person, what), or nothing where it says nothing of the channel.</summary>
internal readonly record struct Mapped(ChannelValue? Value, string? Reason = null, string What = "");

/// <summary>A field as a value of its channel.</summary>
internal static class FieldValue
{
    // Below a thousandth of any channel's resolution: 3 m less 2.116 m is 0.884 m, not 0.8839999999999999.
    private const int Decimals = 9;

    /// <param name="name">The channel's, with its instance.</param>
    /// <param name="source">How the device's model maps the field; null where it is the channel's value as it is.</param>
    /// <param name="device">Whose settings are asked.</param>
    public static Mapped Of(in Field field, string name, Channel channel, ChannelSource? source, Device device)
    {
        if (source?.Unsaid is { } unsaid)
            return WrongType(field, unsaid);
        if (source?.Is is not null)
            return OfMeaning(field, name, channel, source);
        return (field.Kind, channel.Type) switch
        {
            (FieldKind.Boolean, ChannelType.Boolean) => OfFlag(field.Number, field, name),
            (FieldKind.Number, ChannelType.Boolean) when source is not null && field.Number is 0 or 1 => OfFlag(field.Number, field, name),
            (FieldKind.Text, ChannelType.State) when channel.States.Contains(field.Text!) => OfState(field.Text!, field, name),
            (FieldKind.Number, ChannelType.Number or ChannelType.Integer or ChannelType.Counter) => OfNumber(field.Number, field, name, channel, source, device),
            // Some senders write their numbers as texts; a model says that it is one.
            (FieldKind.Text, ChannelType.Number or ChannelType.Integer or ChannelType.Counter) when source is not null && Number(field.Text!) is { } number => OfNumber(number, field, name, channel, source, device),
            _ => WrongType(field, $"expected {ValueReader.Expected(channel)}"),
        };
    }

    private static Mapped OfNumber(double number, in Field field, string name, Channel channel, ChannelSource? source, Device device)
    {
        // No measurement, which is to be known at once and not only when the last value has grown old.
        if (!double.IsFinite(number))
            return new(new ChannelValue(name, ValueKind.Number, 0, null, Quality.Bad, "not a number"));
        var (quality, why) = (field.Quality, field.Why);
        if (source is not null)
        {
            foreach (var sentinel in source.Sentinels)
            {
                if (sentinel.Raw == number)
                    (quality, why) = (Worse(quality, sentinel.Quality), sentinel.Why);
            }
            number = (number * source.Times) + source.Plus;
        }
        var unit = field.Unit ?? source?.Unit;
        if (unit is not null && unit != channel.Unit)
        {
            if ((source?.Gas is { } gas ? gas.Convert(number, unit, channel.Unit!, source.Celsius) : Units.Convert(number, unit, channel.Unit!)) is not { } converted)
                return new(null, RejectReason.UnitMismatch, $"field {field.Name} in {unit}: expected {channel.Unit} or what can be converted to it");
            number = converted;
        }
        if (source?.Below is { } below)
        {
            if (In(below, channel.Unit!, device) is not { } reference)
                return new(null, RejectReason.MissingSetting, $"field {field.Name}: channel {name} is measured down from {below.Setting}, a setting that the register doesn't give for device {device.Id}");
            number = Math.Round(reference - number, Decimals);
        }
        if (!ValueReader.IsOfType(number, channel))
            return WrongType(field, $"expected {ValueReader.Expected(channel)}");
        return new(new ChannelValue(name, ValueKind.Number, number, null, Worse(quality, channel.QualityOf(number)), why));
    }

    private static Mapped OfMeaning(in Field field, string name, Channel channel, ChannelSource source)
    {
        var word = source.Else;
        var isKnown = source.HasElse;
        foreach (var meaning in source.Is!)
        {
            if (field.Kind == FieldKind.Text ? meaning.Raw != field.Text : meaning.Number != field.Number)
                continue;
            (word, isKnown) = (meaning.Word, true);
            break;
        }
        if (!isKnown)
            return WrongType(field, $"the model's file says what {string.Join(", ", source.Is!.Select(meaning => meaning.Raw))} mean, and nothing else");
        if (word is null)
            return default;
        return channel.Type switch
        {
            ChannelType.State when channel.States.Contains(word) => OfState(word, field, name),
            ChannelType.Boolean when word is "true" or "false" => OfFlag(word == "true" ? 1 : 0, field, name),
            ChannelType.Number or ChannelType.Integer or ChannelType.Counter when Number(word) is { } number => new(new ChannelValue(name, ValueKind.Number, number, null, Worse(field.Quality, channel.QualityOf(number)), field.Why)),
            _ => WrongType(field, $"the model's file makes {word} of it; expected {ValueReader.Expected(channel)}"),
        };
    }

    /// <summary>Null where a setting is missing.</summary>
    private static double? In(Reference reference, string unit, Device device)
    {
        if (reference.Setting is null)
            return reference.Unit is null ? reference.Value : Units.Convert(reference.Value, reference.Unit, unit);
        return device.Settings.TryGetValue(reference.Setting, out var text) && Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn(unit, out var value) ? value : null;
    }

    private static Mapped OfFlag(double flag, in Field field, string name) => new(new ChannelValue(name, ValueKind.Boolean, flag, null, field.Quality, field.Why));

    private static Mapped OfState(string state, in Field field, string name) => new(new ChannelValue(name, ValueKind.State, 0, state, field.Quality, field.Why));

    private static Mapped WrongType(in Field field, string right)
    {
        var shown = field.Kind switch
        {
            FieldKind.Text => field.Text!.Length > 60 ? $"\"{field.Text[..60]}…\"" : $"\"{field.Text}\"",
            FieldKind.Boolean => field.Number == 0 ? "false" : "true",
            _ => field.Number.ToString(CultureInfo.InvariantCulture),
        };
        return new(null, RejectReason.WrongType, $"field {field.Name}, value {shown}: {right}");
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static Quality Worse(Quality one, Quality other) => one > other ? one : other;
}
