namespace Telemetry.EndToEnd.Tests;

/// <summary>What a newcomer sees: one command, and a city.</summary>
[Collection(nameof(RecordedDemo))]
public sealed class DemoTests(RecordedDemo demo)
{
    [Fact]
    public void Within_three_minutes_all_families_have_raised_alarms_and_some_are_over()
    {
        Assert.True(demo.WasReady);
        Assert.All(RecordedDemo.Families, family => Assert.Contains(demo.Alarms, alarm => alarm.GetProperty("family").GetString() == family));
        Assert.Empty(demo.Stats.GetProperty("rejected").EnumerateObject());
        Assert.Equal(0, demo.ExitCode);
    }
}
