using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>The newest value of one channel, by event time. Times are Unix ms.</summary>
/// <param name="Definition">What its family says of the channel.</param>
/// <param name="Why">Why the quality is below good, where the device or its model says it.</param>
public sealed record NewestValue(string Channel, Channel Definition, ValueKind Kind, double Number, string? State, Quality Quality, string? Why, long Time, long ReceivedTime)
{
    public static NewestValue Of(ReadingEntry entry, ChannelValue value, Channel definition) =>
        new(value.Channel, definition, value.Kind, value.Number, value.State, value.Quality, value.Why, entry.Reading.EventTime, entry.Time);
}

/// <summary>What a device said last of each of its channels, out of the log: it has all of them before any store has, and while a store is away.</summary>
public sealed class NewestValues(DurableLog log) : IDisposable
{
    private const long Hour = 3_600_000, Day = 24 * Hour;

    /// <summary>A device that reports much has told all that it has by then; one that reports rarely is looked back for the whole way.</summary>
    private const int MostLookedAt = 20_000;

    /// <summary>A device's clock may run ahead by 5 min before the received time stands in.</summary>
    private const long Ahead = SentTime.MaxAhead + 1;

    private static readonly long[] Steps = [Hour, Day, 2 * Day, 4 * Day, 8 * Day, 16 * Day, 32 * Day];

    // Kept open: what it has indexed of the log's unsealed end serves the next question too.
    private readonly Func<string, long, long, IEnumerable<ReadingEntry>> _history = log.OpenHistory();
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>In the family's order of channels, then by instance; channels of which 32 days know nothing are left out.</summary>
    /// <param name="now">Unix ms.</param>
    public async Task<IReadOnlyList<NewestValue>> ReadAsync(Device device, Family family, long now, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(device, family, now), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private List<NewestValue> Read(Device device, Family family, long now)
    {
        var newest = new Dictionary<string, NewestValue>(StringComparer.Ordinal);
        var (looked, until) = (0, now + Ahead);
        foreach (var from in Steps.Select(step => now - step))
        {
            if (looked >= MostLookedAt || family.Channels.All(channel => channel.Group is null && newest.ContainsKey(channel.Name)))
                break;
            var known = newest.Keys.ToHashSet(StringComparer.Ordinal);
            foreach (var entry in _history(device.Id, from, until).Where(entry => entry.Reading.Family == device.Family))
            {
                looked++;
                foreach (var value in entry.Reading.Values.Where(value => !known.Contains(value.Channel)))
                {
                    // Of two that are equally new the first stands, as it does in the rules.
                    if (family.Find(value.Channel) is { } found && !(newest.GetValueOrDefault(value.Channel)?.Time >= entry.Reading.EventTime))
                        newest[value.Channel] = NewestValue.Of(entry, value, found.Channel);
                }
            }
            until = from;
        }
        return [.. newest.Values.OrderBy(value => value.Definition.Index).ThenBy(value => family.Find(value.Channel)!.Instance)];
    }
}
