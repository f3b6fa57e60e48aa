using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Gateways;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Looks once an hour which certificates end soon: <c>system/certificate_expiring</c> 30 days before, <c>system/certificate_expires_soon</c> 7 days before, one alarm
/// for each certificate. It is over once a newer one is in force; what is not known for now, such as a gateway's that has not come back, changes nothing.
/// </summary>
/// <param name="ends">Name and end of each certificate that is known now.</param>
/// <param name="isGone">Nothing depends on a certificate of this name any more.</param>
/// <param name="standing">Rule and name of what stands, as the log has it at start.</param>
internal sealed partial class CertificateWatch(
    Func<IReadOnlyDictionary<string, DateTimeOffset>> ends, Func<string, bool> isGone, Func<IEnumerable<(string Rule, string Name)>> standing, AppendEntries append, TimeProvider time, ILogger<CertificateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly (string Rule, TimeSpan Before)[] Rules =
        [(WatchService.CertificateExpiring, TimeSpan.FromDays(30)), (WatchService.CertificateExpiresSoon, TimeSpan.FromDays(7))];

    private HashSet<(string Rule, string Name)>? _standing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await LookAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var said = _standing ?? [.. standing()];
        var entries = new List<LogEntry>();
        foreach (var (name, end) in ends().OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            foreach (var (rule, before) in Rules)
            {
                var isDue = end - time.GetUtcNow() <= before;
                if (isDue ? said.Add((rule, name)) : said.Remove((rule, name)))
                    entries.Add(new SystemEntry(rule, isDue, isDue ? $"{name} ends at {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; renew it" : $"{name} is renewed until {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", name));
            }
        }
        foreach (var (rule, name) in said.Where(each => isGone(each.Name)).Order().ToList())
        {
            said.Remove((rule, name));
            entries.Add(new SystemEntry(rule, false, $"{name} is not used any more", name));
        }
        try
        {
            if (entries.Count > 0)
                await append(entries, cancellationToken);
            _standing = said;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Said again at the next look, by what the log has then.
            _standing = null;
            LogNotSaid(error);
        }
    }

    /// <summary>What stands of these rules.</summary>
    public static IEnumerable<(string Rule, string Name)> Standing(AlarmBook book) =>
        book.Open().Where(alarm => alarm is { Family: "system", Holds: true } && Rules.Any(rule => rule.Rule == alarm.Rule)).Select(alarm => (alarm.Rule, alarm.Device));

    [LoggerMessage(LogLevel.Error, "certificates that end soon could not be appended to the log")]
    private partial void LogNotSaid(Exception error);
}
