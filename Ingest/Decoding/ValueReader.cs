using System.Text.Json;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>One value by its channel's type, and what its limits say of it.</summary>
internal static class ValueReader
{
    // Beyond it neighbouring whole numbers can't be told apart in 64-bit floating point.
    private const double MaxWhole = 9_007_199_254_740_992;

    /// <param name="json">On the value.</param>
    /// <returns>False where the value is not of the channel's type.</returns>
    public static bool TryRead(ref Utf8JsonReader json, KnownChannel known, out ChannelValue value)
    {
        var channel = known.Channel;
        value = default;
        switch (channel.Type)
        {
            case ChannelType.Boolean when json.TokenType is JsonTokenType.True or JsonTokenType.False:
                value = new(known.Name, ValueKind.Boolean, json.TokenType == JsonTokenType.True ? 1 : 0, null, Quality.Good);
                return true;
            case ChannelType.State when json.TokenType == JsonTokenType.String:
                foreach (var state in channel.States)
                {
                    if (!json.ValueTextEquals(state))
                        continue;
                    value = new(known.Name, ValueKind.State, 0, state, Quality.Good);
                    return true;
                }
                return false;
            case ChannelType.Number or ChannelType.Integer or ChannelType.Counter
                when json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var number) && double.IsFinite(number):
                if (!IsOfType(number, channel))
                    return false;
                value = new(known.Name, ValueKind.Number, number, null, channel.QualityOf(number));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a finite number is one that the channel can have.</summary>
    internal static bool IsOfType(double number, Channel channel) =>
        channel.Type == ChannelType.Number || (Math.Abs(number) <= MaxWhole && (channel.Type != ChannelType.Integer || number == Math.Floor(number)));

    /// <summary>What would be right, for a person.</summary>
    public static string Expected(Channel channel) => channel.Type switch
    {
        ChannelType.Boolean => "true or false",
        ChannelType.State => $"one of {string.Join(", ", channel.States)}",
        ChannelType.Integer => $"a whole number up to 2^53 in {channel.Unit}",
        ChannelType.Counter => $"a number up to 2^53 in {channel.Unit}",
        _ => $"a finite number in {channel.Unit}",
    };
}
