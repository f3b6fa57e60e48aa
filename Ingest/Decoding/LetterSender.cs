using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>Who sent what became a dead letter, as far as it says: the device of a native topic, or the wire id and format with which the detail of every other format begins.</summary>
public static class LetterSender
{
    public static string? Of(string topic, string detail)
    {
        var native = NativeTopic.Parse(Encoding.UTF8.GetBytes(topic));
        if (native.Kind == TopicKind.Reading)
            return Encoding.ASCII.GetString(native.Device);
        return TryRead(detail, out var wireId, out _) ? wireId : null;
    }

    /// <param name="detail"><c>24E124136B502217 (chirpstack): …</c>.</param>
    public static bool TryRead(string detail, out string wireId, out string format)
    {
        (wireId, format) = ("", "");
        var begin = detail.IndexOf(" (", StringComparison.Ordinal);
        var end = begin < 0 ? -1 : detail.IndexOf("): ", begin, StringComparison.Ordinal);
        if (end < 0 || !Devices.Sensor.IsWireId(detail.AsSpan(0, begin)))
            return false;
        (wireId, format) = (detail[..begin], detail[(begin + 2)..end]);
        return format.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
    }
}
