using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Store;

/// <summary>The points of a stretch of the log, gathered for one write.</summary>
public sealed class PointBatch(Verdicts verdicts, PlaceHistory places)
{
    private readonly List<Point> _points = [];

    public IReadOnlyList<Point> Points => _points;

    /// <summary>Last entry taken in; 0 for none.</summary>
    public long Position { get; private set; }

    /// <param name="forgotten"><see cref="Verdicts.Forgotten"/>, asked once for many entries.</param>
    public void Add(LogEntry entry, long forgotten)
    {
        Position = entry.Position;
        if (entry is not ReadingEntry { Reading: var reading })
            return;
        // The verdict on what a store has to read again is gone (its file was removed): only a look-up keeps it from doubling.
        var lookUpAll = entry.Position <= forgotten;
        if (lookUpAll && !places.IsOf(reading.Device, reading.Family))
            return;
        var origin = new Origin(entry.Position, reading.Gateway, places.At(reading.Device, entry.Position), reading.SentTime);
        var judged = lookUpAll ? null : verdicts.At(entry.Position);
        for (var i = 0; i < reading.Values.Length; i++)
        {
            var verdict = lookUpAll ? ValueVerdict.LookUp : judged?[i] ?? ValueVerdict.Accept;
            if (verdict == ValueVerdict.Drop)
                continue;
            ref readonly var value = ref reading.Values[i];
            _points.Add(new Point(
                reading.Family,
                reading.Device,
                value.Channel,
                reading.EventTime,
                entry.Time,
                value.Kind,
                value.Number,
                value.State,
                value.Quality,
                reading.Sequence,
                LookUpFirst: verdict == ValueVerdict.LookUp,
                origin));
        }
    }

    public void Clear()
    {
        _points.Clear();
        Position = 0;
    }
}
