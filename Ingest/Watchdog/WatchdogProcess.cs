using System.Text.Json;
using Telemetry.Ingest.Gateways;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Watchdog;

/// <summary>
/// The process on another host: sends a test reading every 10 s, hears the heartbeats, and wakes somebody where they stay away. Nothing of it is waited for by anything
/// else of it: a broker, a program or a provider that hangs holds up no alert.
/// </summary>
/// <param name="say">Unix ms, what kind of line, its words.</param>
internal sealed class WatchdogProcess(WatchdogOptions options, IReadOnlyList<IAlert> alerts, Action<long, string, string> say, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(Watch.Interval - 2000);

    private readonly TestGateway _gateway = new(options.Service, time);
    private readonly Lock _gate = new();
    private readonly long _wall = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _stamp = time.GetTimestamp();
    private readonly List<Task> _saying = [];
    private Watch? _watch;
    private HeartbeatListener? _listener;

    // None has come yet.
    private string? _refused = "";

    /// <returns>The address that it listens on.</returns>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        _watch = new Watch(options.NeedsNotifier, Now());
        _listener = await HeartbeatListener.StartAsync(options.Listen, options.Key, Hear, cancellationToken);
        return _listener.Url;
    }

    /// <summary>Until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        Task publishing = Task.CompletedTask;
        var nextAt = Now();
        try
        {
            do
            {
                Look(stopping);
                if (Now() >= nextAt && publishing.IsCompleted)
                {
                    publishing = PublishAsync(stopping);
                    nextAt = Math.Max(nextAt + Watch.Interval, Now());
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped by hand.
        }
        await Task.WhenAll([publishing, .. _saying]).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        _gateway.Dispose();
        if (_listener is not null)
            await _listener.DisposeAsync();
    }

    // By the monotonic clock: a host whose wall clock jumps must neither wake nor silence anybody.
    private long Now() => _wall + (long)time.GetElapsedTime(_stamp).TotalMilliseconds;

    private void Look(CancellationToken stopping)
    {
        WatchVerdict verdict;
        string reason;
        lock (_gate)
            verdict = _watch!.Look(Now(), out reason);
        if (verdict == WatchVerdict.Quiet)
            return;
        say(Now(), verdict == WatchVerdict.Alert ? "alert" : "over", reason);
        _saying.RemoveAll(task => task.IsCompleted);
        _saying.AddRange(alerts.Select(alert => SayAsync(alert, verdict, reason, stopping)));
    }

    private async Task SayAsync(IAlert alert, WatchVerdict verdict, string reason, CancellationToken stopping)
    {
        await Task.Yield();
        if (await alert.SayAsync(verdict, reason, stopping) is { } problem)
            say(Now(), "alert_failed", $"{alert.Name}: {problem}");
    }

    private async Task PublishAsync(CancellationToken stopping)
    {
        await Task.Yield();
        (long beat, bool isTest) = (0, false);
        lock (_gate)
            (beat, isTest) = _watch!.Next(Now());
        var payload = JsonSerializer.SerializeToUtf8Bytes(new { seq = beat, values = new { test_alarm = isTest } });
        var trouble = await _gateway.PublishAsync($"telemetry/v1/{options.Gateway}/{TestFamily.Name}/{TestFamily.Device}", payload, Patience, stopping);
        lock (_gate)
            _watch.Published(beat, isTest, trouble);
    }

    /// <returns>Why it does not count; null where it does.</returns>
    private string? Hear(Heartbeat heartbeat)
    {
        string? refused;
        lock (_gate)
            refused = _watch!.Heard(heartbeat, Now());
        // Each news once, not each ten seconds.
        if (refused != _refused)
            say(Now(), refused is null ? "heartbeat" : "heartbeat_refused", refused ?? $"passed {string.Join(", ", heartbeat.Passed)}");
        return _refused = refused;
    }
}
