using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.State;

public sealed partial class StateDatabase
{
    /// <summary>Alarms that had not ended after the transitions up to this position, as they stood then.</summary>
    public IReadOnlyList<Alarm> OpenAlarmsAt(long position) =>
        Query(
            """
            WITH candidates (id) AS (SELECT id FROM alarms WHERE state <> 'normal' UNION SELECT json_extract(alarm, '$.id') FROM journal WHERE position > $position)
            SELECT alarm FROM (
                SELECT (SELECT alarm FROM journal WHERE json_extract(alarm, '$.id') = id AND position <= $position ORDER BY position DESC, ordinal DESC LIMIT 1) AS alarm FROM candidates)
            WHERE json_extract(alarm, '$.state') <> 'Normal'
            """,
            AlarmOf,
            ("$position", position));

    /// <summary>Minutes that wait to be sent, in their order.</summary>
    /// <param name="after">Unix ms.</param>
    public IReadOnlyList<SeriesMinute> Minutes(long after, int limit) =>
        Query(
            "SELECT time, lines, count FROM series_minutes WHERE time > $after ORDER BY time LIMIT $limit",
            row => new SeriesMinute(0, row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetInt32(2)),
            ("$after", after),
            ("$limit", limit));

    /// <summary>Lines that wait to be sent, and those that had to make room since the start of the process.</summary>
    public (long Waiting, long Dropped) MinuteLines
    {
        get
        {
            lock (_applying)
                return (_writer.Minutes.Lines, _writer.Minutes.Dropped);
        }
    }
}
