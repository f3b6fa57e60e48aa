using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>What the channel of an alarm measured around it, out of the recorded log.</summary>
public sealed class ReadingsAround(string log)
{
    private const long Before = 45 * 60_000;
    private const long After = 30 * 60_000;

    private readonly Func<string, long, long, IEnumerable<ReadingEntry>> _history = Open(log);

    /// <summary>By event time; Unix ms. Bad and non-finite values are left out. Empty where the alarm names no channel, or a state.</summary>
    public IReadOnlyList<(long Time, double Value)> Of(Difference difference)
    {
        if (difference.Of.Alarm.Channel is not { } channel)
            return [];
        var raised = new[] { difference.Was?.RaisedAt, difference.Is?.RaisedAt }.OfType<long>().ToArray();
        return
        [
            .. _history(difference.Of.Alarm.Device, raised.Min() - Before, raised.Max() + After)
                .SelectMany(entry => entry.Reading.Values.Where(value => value.Channel == channel && value.Kind != ValueKind.State && value.Quality != Quality.Bad && double.IsFinite(value.Number)).Select(value => (Time: entry.Reading.EventTime, Value: value.Number)))
                .OrderBy(value => value.Time),
        ];
    }

    private static Func<string, long, long, IEnumerable<ReadingEntry>> Open(string log)
    {
        using var reader = DurableLog.OpenReadOnly(log, new FileSystem(), out var history, out _);
        return history;
    }
}
