namespace Telemetry.Tests.Shared;

/// <summary>Waits on a condition, with a deadline that fails with what was seen last.</summary>
internal static class Wait
{
    /// <summary>How many times what a quiet machine needs is given: a deadline ends what would never end, and where a build runs beside it the processors may be away for a minute.</summary>
    private const int Patience = 4;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20);

    /// <summary>Of what takes longer: looking costs the processor that the awaited one needs.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(100);

    /// <summary>For what says itself that it came true: longer than anything that still works takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30 * Patience);

    /// <param name="seconds">On a quiet machine.</param>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T>> look, Func<T, bool> holds, int seconds = 30)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(First);
        for (var looks = 1; ; looks++)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(start).TotalSeconds > seconds * Patience)
                throw new TimeoutException($"waited {seconds * Patience} s for {what}; last seen: {seen}");
            if (looks == 25)
                timer.Period = Later;
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task ForAsync(string what, Func<bool> holds, int seconds = 30) => ForAsync(what, () => Task.FromResult(holds()), held => held, seconds);

    public static Task ForAsync(string what, Func<Task<bool>> holds, int seconds = 30) => ForAsync(what, holds, held => held, seconds);
}
