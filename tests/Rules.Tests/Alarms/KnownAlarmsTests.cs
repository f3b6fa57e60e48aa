using System.Globalization;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Few alarms are kept otherwise than many: nobody may see a difference.</summary>
public sealed class KnownAlarmsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void Each_is_known_once_in_the_order_in_which_they_came_and_forgotten_when_it_is_long_over(int count)
    {
        var known = new KnownAlarms();
        for (var i = 0; i < count; i++)
        {
            known.Set(Standing(i));
            Assert.Equal(i + 1, known.Count);
        }
        Assert.All(Enumerable.Range(0, count), i => Assert.True(known.Has(Id(i))));
        Assert.False(known.Has(Id(count)));

        // Every second one ends, the later ones first.
        for (var i = (count - 1) / 2 * 2; i >= 0; i -= 2)
            known.Set(Standing(i) with { State = AlarmState.Normal, ClearedAt = 1_000 + i });
        Assert.Equal(Enumerable.Range(0, count).Select(Id), known.All.Select(alarm => alarm.Id));
        Assert.All(known.All, alarm => Assert.Equal(alarm.ClearedAt is not null, alarm.State == AlarmState.Normal));

        known.Forget(1_000 + (count / 2));
        Assert.Equal(Enumerable.Range(0, count).Where(i => i % 2 == 1 || i >= count / 2).Select(Id), known.All.Select(alarm => alarm.Id));
        known.Forget(long.MaxValue);
        Assert.Equal(Enumerable.Range(0, count).Where(i => i % 2 == 1).Select(Id), known.All.Select(alarm => alarm.Id));
        Assert.Equal(count > 1, known.Has(Id(1)));
        Assert.False(known.Has(Id(0)));
    }

    [Fact]
    public void What_recurs_after_its_end_was_amended_stays()
    {
        var known = new KnownAlarms();
        known.Set(Standing(0) with { State = AlarmState.Normal, ClearedAt = 1_000 });
        known.Set(Standing(0));
        known.Forget(long.MaxValue);
        Assert.True(known.Has(Id(0)));

        known.Set(Standing(0) with { State = AlarmState.Normal, ClearedAt = 2_000 });
        known.Forget(1_500);
        Assert.True(known.Has(Id(0)));
        known.Forget(2_001);
        Assert.False(known.Has(Id(0)));
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"alarm-{number:D3}");

    private static Alarm Standing(int number) => new()
    {
        Id = Id(number), Device = "d", Family = "f", Rule = "r", Kind = default, Severity = default, State = AlarmState.ActiveUnacknowledged, RaisedAt = number, RaisedReceivedAt = number, RuleVersion = "",
    };
}
