namespace Telemetry.Tests.Shared;

/// <summary>Waits on a condition, with a deadline that fails with what was seen last.</summary>
internal static class Wait
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T>> look, Func<T, bool> holds, int seconds = 30)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Between);
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(start).TotalSeconds > seconds)
                throw new TimeoutException($"waited {seconds} s for {what}; last seen: {seen}");
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task ForAsync(string what, Func<bool> holds, int seconds = 30) => ForAsync(what, () => Task.FromResult(holds()), held => held, seconds);

    public static Task ForAsync(string what, Func<Task<bool>> holds, int seconds = 30) => ForAsync(what, holds, held => held, seconds);
}
