using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Hosting;

/// <summary>Makes whoever makes the other accounts, where there is nobody yet, and says that one's password.</summary>
internal sealed partial class FirstAdministrator(AccountChanges changes, TimeProvider time, ILogger<FirstAdministrator> logger)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    /// <summary>Completes after one attempt; where it could not be made for want of PostgreSQL, it is made once that answers.</summary>
    public async Task AnnounceAsync(CancellationToken stopping)
    {
        if (await TryAsync(stopping))
            return;
        LogWaits();
        _ = GoOnAsync(stopping);
    }

    private async Task GoOnAsync(CancellationToken stopping)
    {
        do
            await Task.Delay(AskEvery, time, stopping);
        while (!await TryAsync(stopping));
    }

    private async Task<bool> TryAsync(CancellationToken stopping)
    {
        try
        {
            // On standard output alone and this once: the log is collected and kept.
            if (await changes.FirstAdministratorAsync(stopping) is { } password)
                Console.WriteLine($"first administrator: name {Accounts.First}, password {password} (for one time, within {Accounts.OneTime.TotalHours:0} h; log in and set your own)");
            return true;
        }
        catch (ApiException error) when (error.Reason == AccountChanges.Away)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "there is no administrator yet, and none can be made while PostgreSQL does not answer (Cluster:Postgres)")]
    private partial void LogWaits();
}
