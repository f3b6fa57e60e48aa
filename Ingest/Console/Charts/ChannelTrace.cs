using Telemetry.Ingest.Store;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>One value, or one bucket of values, of a chart.</summary>
/// <param name="Time">Unix ms; of a bucket its middle.</param>
/// <param name="Value">A bucket's mean; of a state its index; null where there is no measurement.</param>
/// <param name="Min">Of a bucket of numbers alone, as is <paramref name="Max"/>.</param>
public readonly record struct ChartPoint(long Time, double? Value, double? Min, double? Max, Quality Quality);

/// <summary>One channel of one device over a range of time, as a store had it and as the live readings go on.</summary>
public sealed class ChannelTrace(Device device, string channel, Channel definition)
{
    /// <summary>More values than these in an hour, and the newest are shown.</summary>
    private const int MostPoints = 20_000;

    private static readonly string[] NoYes = ["no", "yes"];

    private List<ChartPoint> _points = [];
    private ChartRange _range = ChartRange.All[0];

    public Device Device => device;

    /// <summary>With its instance.</summary>
    public string Channel => channel;

    public Channel Definition => definition;

    public int Instance => channel.Length > definition.Name.Length && int.TryParse(channel.AsSpan(definition.Name.Length + 1), out var instance) ? instance : 0;

    /// <summary>By event time.</summary>
    public IReadOnlyList<ChartPoint> Points => _points;

    /// <summary>The levels of a channel that steps from one to the next; null for numbers. A bucket of booleans is a share of its time.</summary>
    public IReadOnlyList<string>? Levels => definition.Type switch
    {
        ChannelType.State => definition.States,
        ChannelType.Boolean when _range.Every is null => NoYes,
        _ => null,
    };

    /// <summary>As the rules see it a value counts for 2.5 periods; what is farther apart than that, in ms, is not joined. A state goes on until the next.</summary>
    public long Gap => Levels is not null ? long.MaxValue : Math.Max(definition.Hold ?? long.MaxValue / 4, (_range.Every ?? 0) * 5 / 2);

    /// <exception cref="IOException">The store is away.</exception>
    public async Task LoadAsync(ISeriesStore store, ChartRange range, long now, CancellationToken cancellationToken)
    {
        var (from, to) = (now - range.Length, now + SentTime.MaxAhead + 1);
        List<ChartPoint> points;
        if (range.Every is { } every)
        {
            var buckets = await store.ReadBucketsAsync(device.Id, channel, from, to, every, cancellationToken);
            points = [.. buckets.Select(bucket => OfBucket(bucket, every, now))];
        }
        else
        {
            var values = await store.ReadAsync(device.Id, channel, from, to, MostPoints, cancellationToken);
            points = [.. values.Select(value => new ChartPoint(value.Time, Level(value.Kind, value.Number, value.State, value.Quality), null, null, value.Quality))];
        }
        (_points, _range) = (points, range);
    }

    /// <summary>A live reading; buckets are read anew instead.</summary>
    public void Add(ReadingEntry entry)
    {
        if (_range.Every is not null || Array.FindIndex(entry.Reading.Values, value => value.Channel == channel) is not (>= 0 and var index))
            return;
        var value = entry.Reading.Values[index];
        var point = new ChartPoint(entry.Reading.EventTime, Level(value.Kind, value.Number, value.State, value.Quality), null, null, value.Quality);
        var at = _points.Count;
        while (at > 0 && _points[at - 1].Time > point.Time)
            at--;
        // The store may have had it already.
        if (at == 0 || _points[at - 1] != point)
            _points.Insert(at, point);
    }

    /// <summary>Forgets what is before the chart, but for the last: it may reach into it.</summary>
    public void Trim(long from)
    {
        var before = _points.FindLastIndex(point => point.Time < from);
        if (before > 0)
            _points.RemoveRange(0, before);
    }

    /// <summary>The value that counted at a moment; null where none did.</summary>
    public ChartPoint? At(long time)
    {
        var index = _points.FindLastIndex(point => point.Time <= time + ((_range.Every ?? 0) / 2));
        return index >= 0 && time - _points[index].Time <= Gap ? _points[index] : null;
    }

    private ChartPoint OfBucket(Bucket bucket, long every, long now)
    {
        var time = Math.Min(bucket.Time + (every / 2), Math.Max(bucket.Time, now));
        return bucket.LastState is { } state
            ? new ChartPoint(time, Level(ValueKind.State, 0, state, Quality.Good), null, null, Quality.Good)
            : new ChartPoint(time, bucket.Mean ?? bucket.LastNumber, bucket.Min, bucket.Max, Quality.Good);
    }

    private double? Level(ValueKind kind, double number, string? state, Quality quality)
    {
        if (quality == Quality.Bad)
            return null;
        if (kind != ValueKind.State)
            return double.IsFinite(number) ? number : null;
        for (var i = 0; i < definition.States.Count; i++)
        {
            if (definition.States[i] == state)
                return i;
        }
        return null;
    }
}
