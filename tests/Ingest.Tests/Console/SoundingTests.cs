using Telemetry.Ingest.Api;
using Telemetry.Ingest.OperatorPage.Live;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>What a page sounds, and what its person has silenced.</summary>
public sealed class SoundingTests
{
    [Fact]
    public void What_is_raised_after_the_silence_sounds_whatever_log_time_the_rules_are_at()
    {
        Alarm[] heard = [Sounded("first", 0), Sounded("second", 1000)];
        // The rules are a minute behind the clock.
        var silenced = Sounding.Silenced(Picture(61_000, heard));
        Assert.Null(Sounding.Loudest(heard, silenced));
        Assert.Equal(Severity.Critical, Sounding.Loudest([.. heard, Sounded("leak", 2000) with { Severity = Severity.Critical }], silenced));
        // One of them sounds again.
        Assert.Equal(Severity.High, Sounding.Loudest([heard[1], Sounded("first", 300_000)], silenced));
    }

    [Fact]
    public void What_was_acknowledged_or_is_hidden_is_quiet()
    {
        Assert.Null(Sounding.Loudest([Sounded("seen", 0) with { State = AlarmState.ActiveAcknowledged }, Sounded("shelved", 0) with { State = AlarmState.Shelved }], null));
        Assert.Null(Sounding.Last([Samples.Alarm("in test")]));
    }

    private static Alarm Sounded(string id, long after) => Samples.Alarm(id) with { SoundedAt = Samples.T0 + after };

    private static BoardPicture Picture(long now, IReadOnlyList<Alarm> open) =>
        new(1, open, new StatsAnswer("", 0, 0, 0, new Dictionary<string, long>(), 0, 0, 0, 0, 0, null, false, 1), 0, Samples.T0 + now);
}
