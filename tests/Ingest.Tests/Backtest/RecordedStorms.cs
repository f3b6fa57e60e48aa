namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>One hour of one station with two storms, which takes seconds to write: one log for all tests that only read it.</summary>
public sealed class RecordedStorms : IAsyncLifetime
{
    internal RecordedLog Log { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Log = await RecordAsync();

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    /// <summary>Another one, for a test that changes it.</summary>
    internal static async Task<RecordedLog> RecordAsync()
    {
        var log = await RecordedLog.BeginAsync();
        await log.LevelAsync(1, 600);
        await log.LevelAsync(2.3, 1200);
        await log.LevelAsync(1, 2400);
        await log.LevelAsync(2.5, 3000);
        await log.LevelAsync(1, 3600);
        return log;
    }
}
