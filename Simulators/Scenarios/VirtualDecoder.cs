using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Scenarios;

/// <summary>What the service's decoder makes of a reading, without its bytes: the time that counts, and what the channels' limits say of each value. Values that it would refuse are left out.</summary>
internal sealed class VirtualDecoder(FamilySet families, IReadOnlyList<Device> register)
{
    private readonly Dictionary<string, long> _ahead = register.ToDictionary(device => device.Id, SentTime.AheadOf, StringComparer.Ordinal);

    /// <param name="received">Unix ms.</param>
    /// <returns>Null where nothing of it is accepted.</returns>
    public Reading? Decode(Reading sent, long received)
    {
        if (families.Find(sent.Family) is not { } family)
            return null;
        var isSeconds = sent.SentTime is { } number && SentTime.IsSeconds(number);
        var (time, marks) = sent.SentTime is { } at
            ? SentTime.Judge(isSeconds ? at * 1000 : at, isSeconds ? TimeMarks.Seconds : TimeMarks.None, received, _ahead.GetValueOrDefault(sent.Device))
            : (received, TimeMarks.NoTime);
        var values = new List<ChannelValue>(sent.Values.Length);
        foreach (var value in sent.Values)
        {
            if (family.Find(value.Channel) is { Channel: var channel } && IsOf(channel, value))
                values.Add(value with { Quality = Worst(value.Quality, value.Kind == ValueKind.Number ? channel.QualityOf(value.Number) : Quality.Good, marks.IsDoubtful() ? Quality.Uncertain : Quality.Good) });
        }
        return values.Count == 0 ? null : new Reading
        {
            Gateway = sent.Gateway,
            Family = sent.Family,
            Device = sent.Device,
            SentTime = sent.SentTime,
            Sequence = sent.Sequence,
            EventTime = time,
            Marks = marks,
            Values = [.. values],
        };
    }

    private static bool IsOf(Channel channel, ChannelValue value) => channel.Type switch
    {
        ChannelType.Boolean => value.Kind == ValueKind.Boolean,
        ChannelType.State => value.Kind == ValueKind.State && channel.States.Contains(value.State!),
        ChannelType.Integer => value.Kind == ValueKind.Number && value.Number == Math.Floor(value.Number),
        _ => value.Kind == ValueKind.Number,
    };

    private static Quality Worst(params ReadOnlySpan<Quality> of)
    {
        var worst = Quality.Good;
        foreach (var quality in of)
            worst = quality > worst ? quality : worst;
        return worst;
    }
}
