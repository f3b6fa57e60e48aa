using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>How far a log is stored, noted in the database itself: one point an hour, overwritten meanwhile.</summary>
/// <param name="logId">See <see cref="Log.LogId"/>.</param>
/// <param name="field">One for each writer: they may share a bucket.</param>
/// <param name="textField">Of a text that is stored together with the position; null for none.</param>
/// <param name="text">Without quotes and backslashes.</param>
internal sealed class StoredMark(string logId, string field, TimeProvider time, string? textField = null, Func<string>? text = null)
{
    public const string Measurement = "telemetry_store";
    private const long NanosecondsPerHour = 3_600_000_000_000;

    /// <summary>With its line feed.</summary>
    public byte[] Line(long value)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var beside = textField is null ? "" : $",{textField}=\"{text!()}\"";
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Measurement},log={logId} {field}={value}i{beside} {now - (now % NanosecondsPerHour)}\n"));
    }

    /// <param name="from"><see cref="Measurement"/> as <see cref="InfluxOptions.From"/> names it.</param>
    /// <returns>Null where the database has none of this log.</returns>
    public async Task<long?> ReadAsync(InfluxClient client, string from, CancellationToken cancellationToken)
    {
        // The greatest, not the latest: the clock that gave them their times may have gone back.
        using var answer = await client.QueryAsync($"SELECT max(\"{field}\") FROM {from} WHERE \"log\" = '{logId}'", cancellationToken);
        return ChannelQuery.Number(answer);
    }

    /// <summary>The text that was stored with the greatest position; null where there was none.</summary>
    public async Task<string?> ReadTextAsync(InfluxClient client, string from, CancellationToken cancellationToken)
    {
        using var answer = await client.QueryAsync($"SELECT max(\"{field}\") AS \"max\", \"{textField}\" FROM {from} WHERE \"log\" = '{logId}'", cancellationToken);
        return ChannelQuery.Text(answer, textField!);
    }
}
