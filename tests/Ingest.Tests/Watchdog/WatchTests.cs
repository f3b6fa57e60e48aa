using Telemetry.Ingest.Watchdog;

namespace Telemetry.Ingest.Tests.Watchdog;

public sealed class WatchTests
{
    private const long Start = 1_782_900_000_000;

    private readonly Watch _watch = new(needsNotifier: true, Start);
    private long _now = Start;

    [Fact]
    public void Heartbeats_that_answer_keep_it_quiet_for_an_hour_with_test_alarms_every_ten_minutes()
    {
        var tests = 0;
        for (var i = 0; i < 360; i++)
        {
            var (beat, isTest) = Send();
            tests += isTest ? 1 : 0;
            Assert.Null(_watch.Heard(Passed(beat, beat), _now));
            Assert.Equal(WatchVerdict.Quiet, Run(10));
        }
        Assert.Equal(6, tests);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("log")]
    [InlineData("rules")]
    [InlineData("notifier")]
    public void Thirty_seconds_after_a_stage_stands_still_it_alerts_and_again_every_five_minutes_and_says_when_it_is_over(string stage)
    {
        for (var i = 0; i < 12; i++)
            Answer();
        var until = _now + 15 * 60_000;
        var alerts = new List<long>();
        while (_now < until)
        {
            var (beat, _) = Send();
            Assert.Equal($"the test reading did not pass the {stage}", _watch.Heard(new Heartbeat(beat, [.. Heartbeat.Stages.Where(passed => passed != stage)], beat), _now));
            for (var second = 0; second < 10; second++)
            {
                _now += 1000;
                if (_watch.Look(_now, out var reason) == WatchVerdict.Alert)
                {
                    alerts.Add(_now);
                    Assert.Contains(stage, reason, StringComparison.Ordinal);
                }
            }
        }
        // The last that counted came 10 s before.
        Assert.Equal(3, alerts.Count);
        Assert.InRange(alerts[0] - (until - 15 * 60_000), 20_000, 30_000);
        Assert.Equal(5 * 60_000, alerts[1] - alerts[0]);
        Assert.Null(_watch.Heard(Passed(Send().Beat, _now), _now));
        Assert.Equal(WatchVerdict.Over, Run(1));
        Assert.Equal(WatchVerdict.Quiet, Run(9));
    }

    [Fact]
    public void A_service_that_was_never_there_is_one_that_is_not_live()
    {
        for (var i = 0; i < 3; i++)
        {
            var (beat, isTest) = _watch.Next(_now);
            _watch.Published(beat, isTest, "mqtt://nowhere:1883 takes no test reading: refused");
            Assert.Equal(i < 2 ? WatchVerdict.Quiet : WatchVerdict.Alert, Run(10, out var reason));
            if (i == 2)
                Assert.Equal("no heartbeat for 30 s: mqtt://nowhere:1883 takes no test reading: refused", reason);
        }
    }

    [Fact]
    public void A_recorded_heartbeat_sent_again_counts_for_nothing()
    {
        var recorded = Passed(Send().Beat, null);
        Assert.Null(_watch.Heard(recorded, _now));
        Assert.Equal("it answers an old test reading", _watch.Heard(recorded, _now));
        for (var i = 0; i < 4; i++)
        {
            Send();
            Run(10);
        }
        Assert.True(_watch.IsAlerted);
        Assert.Equal("it answers an old test reading", _watch.Heard(recorded, _now));
        Assert.Equal("it answers no test reading of ours", _watch.Heard(Passed(_now + 86_400_000, null), _now));
        Run(1);
        Assert.True(_watch.IsAlerted);
    }

    [Fact]
    public void Rules_that_run_but_raise_nothing_are_found_out_by_the_test_alarm()
    {
        var reason = "";
        for (var i = 0; i < 12; i++)
        {
            var (beat, _) = Send();
            _watch.Heard(Passed(beat, null), _now);
            if (Run(10, out var said) is WatchVerdict.Alert)
                reason = said;
        }
        Assert.Matches("^no heartbeat for 3[0-9] s: the test alarm of .* has not come out of the rules$", reason);
    }

    [Fact]
    public void A_restart_of_the_service_that_forgets_the_newest_test_alarm_wakes_nobody()
    {
        for (var i = 0; i < 70; i++)
        {
            var (beat, _) = Send();
            _watch.Heard(Passed(beat, beat), _now);
            Run(10);
        }
        // The newest test alarm was proved before; the service knows of none any more.
        for (var i = 0; i < 30; i++)
        {
            var (beat, isTest) = Send();
            Assert.Null(_watch.Heard(Passed(beat, isTest ? beat : null), _now));
            Assert.Equal(WatchVerdict.Quiet, Run(10));
        }
    }

    [Fact]
    public void A_watchdog_that_stood_still_itself_gives_the_service_its_time()
    {
        Answer();
        _now += 10 * 60_000;
        Assert.Equal(WatchVerdict.Quiet, _watch.Look(_now, out _));
        Assert.Equal(WatchVerdict.Quiet, Run(9));
        Assert.Equal(WatchVerdict.Alert, Run(25));
    }

    [Fact]
    public void Without_a_notifier_the_rules_are_enough_where_that_was_asked_for()
    {
        var watch = new Watch(needsNotifier: false, Start);
        var (beat, _) = watch.Next(Start);
        Assert.Null(watch.Heard(new Heartbeat(beat, ["gateway", "log", "rules"], null), Start));
        Assert.Equal("the test reading did not pass the notifier", _watch.Heard(new Heartbeat(Send().Beat, ["gateway", "log", "rules"], null), _now));
    }

    [Fact]
    public void A_heartbeat_is_read_only_with_the_right_key_over_the_very_bytes()
    {
        byte[] key = [.. "0123456789abcdef0123456789abcdef"u8], other = [.. "0123456789abcdef0123456789abcdeg"u8];
        var body = Passed(17, null).Body();
        Assert.Equal(17, Heartbeat.Read(key, body, Heartbeat.Sign(key, body))!.Beat);
        Assert.Null(Heartbeat.Read(key, body, Heartbeat.Sign(other, body)));
        Assert.Null(Heartbeat.Read(key, body, null));
        Assert.Null(Heartbeat.Read(key, Passed(18, null).Body(), Heartbeat.Sign(key, body)));
        Assert.Null(Heartbeat.Read(key, "not json"u8, Heartbeat.Sign(key, "not json"u8)));
        Assert.Null(Heartbeat.Read(key, "{}"u8, Heartbeat.Sign(key, "{}"u8)));
    }

    private static Heartbeat Passed(long beat, long? test) => new(beat, Heartbeat.Stages, test);

    private (long Beat, bool IsTest) Send()
    {
        var (beat, isTest) = _watch.Next(_now);
        _watch.Published(beat, isTest, null);
        return (beat, isTest);
    }

    private void Answer()
    {
        var (beat, _) = Send();
        Assert.Null(_watch.Heard(Passed(beat, beat), _now));
        Run(10);
    }

    private WatchVerdict Run(int seconds) => Run(seconds, out _);

    /// <summary>The strongest verdict of so many seconds.</summary>
    private WatchVerdict Run(int seconds, out string reason)
    {
        var strongest = WatchVerdict.Quiet;
        reason = "";
        for (var i = 0; i < seconds; i++)
        {
            _now += 1000;
            if (_watch.Look(_now, out var said) is not WatchVerdict.Quiet and var verdict)
                (strongest, reason) = (verdict, said);
        }
        return strongest;
    }
}
