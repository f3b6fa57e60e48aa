using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>What a page sounds, and what its person has silenced. A function of what stands.</summary>
internal static class Sounding
{
    /// <summary>When the last of the alarms that sound did so, log time, Unix ms; null for quiet.</summary>
    public static long? Last(IEnumerable<Alarm> open) => open.Where(alarm => alarm.Sounds).Max(alarm => alarm.SoundedAt);

    /// <summary>
    /// Up to when whoever silences this picture has heard. Not up to its time: where the rules are behind, in a storm or after a start, what they raise next bears an earlier one.
    /// </summary>
    public static long? Silenced(BoardPicture picture) => Last(picture.Open);

    /// <summary>The gravest of what sounds and was not silenced; null for none.</summary>
    /// <param name="silenced">Of <see cref="Silenced"/>; null for never.</param>
    public static Severity? Loudest(IEnumerable<Alarm> open, long? silenced) => open.Where(alarm => alarm.Sounds && !(alarm.SoundedAt <= silenced)).Select(alarm => (Severity?)alarm.Severity).Max();
}
