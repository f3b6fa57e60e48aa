using Telemetry.Rules.Model;

namespace Telemetry.Simulators.City;

/// <summary>The values of one reading, in the order in which a device sends them.</summary>
public sealed class ValueList
{
    private readonly List<ChannelValue> _values = [];

    /// <summary>What is no number, such as the quotient of a file's mistake, is not sent: JSON has no word for it.</summary>
    public void Add(string channel, double number, int decimals)
    {
        if (double.IsFinite(number))
            _values.Add(new ChannelValue(channel, ValueKind.Number, Math.Round(number, decimals), null, Quality.Good));
    }

    public void Add(string channel, bool value) =>
        _values.Add(new ChannelValue(channel, ValueKind.Boolean, value ? 1 : 0, null, Quality.Good));

    public void Add(string channel, string state) =>
        _values.Add(new ChannelValue(channel, ValueKind.State, 0, state, Quality.Good));

    public ChannelValue[] ToArray() => [.. _values];
}
