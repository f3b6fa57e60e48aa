using System.Globalization;
using System.Text;

namespace Telemetry.Simulators.Replay;

/// <summary>The native payload of a recorded reading.</summary>
internal static class ReplayPayload
{
    /// <param name="shift">Milliseconds.</param>
    public static byte[] Write(RecordedReading reading, long shift)
    {
        var json = new StringBuilder("{");
        if (reading.SentTime is { } sent)
            json.Append(CultureInfo.InvariantCulture, $"\"ts\":{TimeShift.Of(sent, shift)},");
        if (reading.Sequence is { } sequence)
            json.Append(CultureInfo.InvariantCulture, $"\"seq\":{sequence},");
        json.Append("\"values\":").Append(reading.Values);
        if (reading.Quality is { } quality)
            json.Append(",\"quality\":").Append(quality);
        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }
}
