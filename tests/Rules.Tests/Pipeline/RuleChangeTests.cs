using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>A family file changes while its devices are in the middle of something.</summary>
public sealed class RuleChangeTests : IDisposable
{
    private static readonly string Pump = Families.Pump.ReplaceLineEndings("\n");
    private static readonly string WithWarn = Pump.Replace("    ladder:\n", "    ladder:\n      - {above: high - 1 m, severity: low}\n", StringComparison.Ordinal);

    private readonly Timeline _timeline = new(Families.PumpOverTime);

    public void Dispose() => _timeline.Dispose();

    private void Change(double at, string text)
    {
        var family = FamilyReader.Read("pump.yaml", text);
        Assert.Empty(family.Errors);
        _timeline.At(at).Add(new FamilyEntry("pump", text, family.Family!.Hash));
    }

    private void Level(double from, double to, double level)
    {
        for (var at = from; at <= to; at += 10)
            _timeline.At(at).Reading("ps-1", FormattableString.Invariant($"level={level}"));
    }

    private string[] Told(string rule) => [.. _timeline.Look().Where(line => line.Split(' ')[2].Split('/')[0] == rule)];

    [Fact]
    public void A_pending_on_delay_runs_on_when_a_rung_is_inserted_beneath()
    {
        Change(0, Pump);
        Level(0, 20, 2.5);
        Change(25, WithWarn);
        Level(30, 40, 2.5);
        Assert.Equal("00:30 ps-1 level_high ActiveUnacknowledged High raised", Told("level_high")[0]);
    }

    [Fact]
    public void A_standing_rung_goes_on_when_one_is_inserted_beneath_it_and_descends_to_the_new_one()
    {
        Change(0, Pump);
        Level(0, 30, 2.5);
        Assert.Single(Told("level_high"));
        Change(35, WithWarn);
        Level(40, 100, 2.5);
        Assert.Empty(Told("level_high"));
        Level(110, 240, 1.5);
        Assert.Equal(["03:50 ps-1 level_high ActiveUnacknowledged Low descended"], Told("level_high"));
    }

    [Fact]
    public void Climbing_still_sounds_after_the_lowest_rung_was_taken_out()
    {
        Change(0, WithWarn);
        Level(0, 30, 2.5);
        _timeline.Act("acknowledge", "level_high");
        Change(35, Pump);
        _timeline.Look();
        Level(40, 60, 3.0);
        Assert.Equal(["00:50 ps-1 level_high ActiveUnacknowledged Critical climbed"], Told("level_high"));
    }

    [Fact]
    public void An_alarm_descends_with_the_rung_that_it_stood_on_and_keeps_its_acknowledgement()
    {
        Change(0, Pump);
        Level(0, 40, 3.0);
        _timeline.Act("acknowledge", "level_high");
        _timeline.Look();
        Change(45, Pump.Replace("      - {name: overflow, above: high + 0.6 m, severity: critical, delay: {on: 10s, off: 120s}}\n", "", StringComparison.Ordinal));
        Assert.Equal(["00:45 ps-1 level_high ActiveAcknowledged High descended"], Told("level_high"));
        Level(50, 170, 1.0);
        Assert.Equal(["02:50 ps-1 level_high Normal High cleared"], Told("level_high"));
    }

    [Fact]
    public void A_window_keeps_its_history()
    {
        Level(0, 30, 5);
        Assert.Single(Told("mean_high"));
        Change(35, Families.PumpOverTime.Replace("{en: X, zh: 某}", "{en: Y, zh: 某}", StringComparison.Ordinal));
        Level(40, 120, 1.5);
        // At 90 s the minute still holds 10 s of 5 m: 2.08 m. Without its history the mean would be 1.5 m from 70 s on.
        Assert.Equal(["01:40 ps-1 mean_high ClearedUnacknowledged Low cleared"], Told("mean_high"));
    }

    [Fact]
    public void A_latch_holds_under_the_new_file_until_it_is_reset()
    {
        Change(0, Pump);
        _timeline.At(1).Reading("ps-1", "command.1=true run.1=false").At(11).Reading("ps-1", "command.1=true run.1=false").At(21).Reading("ps-1", "command.1=true run.1=false").At(31).Reading("ps-1", "run.1=true");
        Assert.Equal("00:31 ps-1 not_started/1 LatchedUnacknowledged High cleared", Told("not_started")[^1]);
        Change(35, WithWarn);
        Assert.Empty(Told("not_started"));
        _timeline.Act("acknowledge", "not_started").Act("reset", "not_started");
        Assert.Equal("00:35 ps-1 not_started/1 Normal High reset", Told("not_started")[^1]);
    }

    [Theory]
    [InlineData("states: [open, closed]")]
    [InlineData("states: [closed, ajar, open]")]
    public void A_state_means_the_same_when_the_file_numbers_it_otherwise(string states)
    {
        Change(0, Pump);
        _timeline.At(1).Reading("ps-1", "cover=open").TicksTo(15);
        Assert.Single(Told("cover_open"));
        Change(16, Pump.Replace("states: [closed, open]", states, StringComparison.Ordinal));
        _timeline.TicksTo(55);
        Assert.Empty(Told("cover_open"));
        _timeline.At(56).Reading("ps-1", "cover=closed").TicksTo(120);
        Assert.Equal(["01:56 ps-1 cover_open ClearedUnacknowledged Critical cleared"], Told("cover_open"));
    }

    [Fact]
    public void A_channel_in_another_unit_is_unknown_until_the_next_report_and_clears_nothing()
    {
        Change(0, Pump);
        Level(0, 30, 2.5);
        Assert.Single(Told("level_high"));
        // 2.5 m read as 2.5 cm would be over at once.
        Change(31, Pump.Replace("level: {unit: m, plausible: 0..12, instrument: 0..20", "level: {unit: cm, plausible: 0..1200, instrument: 0..2000", StringComparison.Ordinal));
        _timeline.TicksTo(50);
        Assert.Empty(Told("level_high"));
        Level(60, 190, 100);
        Assert.Equal(["03:00 ps-1 level_high ClearedUnacknowledged High cleared"], Told("level_high"));
    }

    [Fact]
    public void A_file_that_comes_back_as_it_was_changes_nothing()
    {
        Change(0, Pump);
        Level(0, 30, 2.5);
        _timeline.Look();
        Change(31, WithWarn);
        Change(32, Pump);
        Level(40, 60, 2.5);
        Assert.Empty(Told("level_high"));
    }
}
