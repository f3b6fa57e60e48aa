using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Watchdog;

/// <summary>An SMS to each phone through a provider of the watchdog's own: <c>Notify:Sms:*</c> of its host.</summary>
internal sealed class SmsAlert(ProviderCall provider, IReadOnlyList<string> phones, Func<long> now) : IAlert
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    public string Name => "sms";

    public async Task<string?> SayAsync(WatchVerdict verdict, string reason, CancellationToken cancellationToken)
    {
        var text = verdict == WatchVerdict.Alert ? $"Telemetry 平台停摆 is not live: {reason}. Watch the stations on SCADA, phone the administrator." : $"Telemetry 平台已恢复 is live again: {reason}.";
        var outcomes = await Task.WhenAll(phones.Select(async phone =>
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(Longest);
            try
            {
                return await provider.SendAsync(phone, text, FormattableString.Invariant($"watchdog-{now()}-{phone}"), "", timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.TimedOut;
            }
        }));
        var failed = outcomes.Where(outcome => outcome.Verdict != Notify.Delivery.Verdict.Sent).ToList();
        return failed.Count == 0 ? null : string.Join("; ", failed.Select(outcome => $"{outcome.Result} {outcome.Detail}".TrimEnd()));
    }
}
