using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>The measurement <c>operator_load</c>: one line a position.</summary>
internal static class OperatorLoadLine
{
    /// <param name="now">Log time, Unix ms.</param>
    public static void Add(LineBuffer lines, LoadMinute load, long now)
    {
        var line = lines.Writer;
        line.Bytes("operator_load"u8);
        line.Tag(",position="u8, load.Position);
        line.Field(" alarms_10min="u8, load.Last10Minutes);
        line.Field(",alarms_1h="u8, load.LastHour);
        line.Field(",alarms_24h="u8, load.LastDay);
        line.Field(",critical_24h="u8, load.Critical);
        line.Field(",high_24h="u8, load.High);
        line.Field(",medium_24h="u8, load.Medium);
        line.Field(",low_24h="u8, load.Low);
        line.Field(",standing="u8, load.Standing);
        line.Field(",stale="u8, load.Stale);
        line.Field(",shelved="u8, load.Shelved);
        line.Field(",chattering="u8, load.Chattering);
        line.Field(",unacknowledged="u8, load.Unacknowledged);
        line.Field(",flood="u8, load.Flood ? 1 : 0);
        line.Field(",flood_minutes_24h="u8, load.FloodTime / 60_000);
        line.Field(",top10_share="u8, load.TopTenShare);
        MinuteSeries.End(lines, now);
    }
}
