using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>A reading's <c>ts</c> as sent, and what it means.</summary>
/// <param name="Sent">Part of the duplicate key: Unix ms, or seconds where seconds were sent as a whole number; null without <c>ts</c>.</param>
/// <param name="Event">Unix ms.</param>
internal readonly record struct ReadingTime(long? Sent, long Event, TimeMarks Marks)
{
    public const string Expected = "Unix milliseconds as a number, or RFC 3339 with a zone such as 2026-03-01T08:00:00.250+08:00";

    /// <summary>The received time stands in.</summary>
    public static ReadingTime None(long received) => new(null, received, TimeMarks.NoTime);

    /// <param name="json">On the value of <c>ts</c>.</param>
    /// <param name="ahead">Milliseconds by which the register declares the device's clock to run ahead; 0 for none.</param>
    /// <returns>False for what can't be understood.</returns>
    public static bool TryRead(ref Utf8JsonReader json, long received, long ahead, out ReadingTime time)
    {
        time = None(received);
        switch (json.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String when !json.ValueIsEscaped && Rfc3339.TryParse(json.ValueSpan, out var ms):
                time = Judge(ms, ms, TimeMarks.None, received, ahead);
                return true;
            case JsonTokenType.Number when json.TryGetInt64(out var whole):
                time = SentTime.IsSeconds(whole) ? Judge(whole, whole * 1000, TimeMarks.Seconds, received, ahead) : Judge(whole, whole, TimeMarks.None, received, ahead);
                return true;
            case JsonTokenType.Number when json.TryGetDouble(out var number) && Math.Abs(number) < 9e18:
                time = SentTime.IsSeconds(number) ? Fraction(Math.Round(number * 1000), TimeMarks.Seconds, received, ahead) : Fraction(Math.Floor(number), TimeMarks.None, received, ahead);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The clock is plainly wrong, which makes one doubt what it stands beside.</summary>
    public bool IsDoubtful => Marks.IsDoubtful();

    /// <summary>Makes values of a doubtful time uncertain, where they are not worse.</summary>
    public void Judge(Span<ChannelValue> values)
    {
        if (!IsDoubtful)
            return;
        foreach (ref var value in values)
        {
            if (value.Quality < Quality.Uncertain)
                value = value with { Quality = Quality.Uncertain };
        }
    }

    /// <summary>Of Unix milliseconds that a format has made of the sender's time.</summary>
    public static ReadingTime Of(long? milliseconds, long received, long ahead) =>
        milliseconds is { } sent ? Judge(sent, sent, TimeMarks.None, received, ahead) : None(received);

    private static ReadingTime Fraction(double milliseconds, TimeMarks marks, long received, long ahead) =>
        Judge((long)milliseconds, (long)milliseconds, marks, received, ahead);

    private static ReadingTime Judge(long sent, long milliseconds, TimeMarks marks, long received, long ahead)
    {
        var judged = SentTime.Judge(milliseconds, marks, received, ahead);
        return new(sent, judged.Event, judged.Marks);
    }
}
