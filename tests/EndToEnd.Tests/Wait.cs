namespace Telemetry.EndToEnd.Tests;

/// <summary>Waits on a condition, with a deadline that fails the test with what was seen last.</summary>
internal static class Wait
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task<T> ForAsync<T>(string what, Func<Task<T>> look, Func<T, bool> holds, int seconds = 30)
    {
        var deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        using var timer = new PeriodicTimer(Between);
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"waited {seconds} s for {what}; last seen: {seen}");
            await timer.WaitForNextTickAsync();
        }
    }
}
