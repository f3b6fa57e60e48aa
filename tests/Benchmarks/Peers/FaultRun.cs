namespace Telemetry.Benchmarks.Peers;

/// <summary>One subject and one fault while readings come at a rate that every subject takes; then what was acknowledged against what the sink has.</summary>
internal sealed class FaultRun(SubjectKind kind, PeersOptions options, TimeProvider time)
{
    public const string Kill = "kill", Restart = "restart", Outage = "outage", Backlog = "backlog";
    private const int KillRate = 2000;
    private const int OutageRate = 1000;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeforeOutage = TimeSpan.FromSeconds(2);

    /// <summary>Those that there are for a subject: a broker that keeps a backlog, a sink that can be away.</summary>
    public static IEnumerable<string> Of(SubjectKind kind)
    {
        yield return Kill;
        yield return Restart;
        if (kind.IntoInflux)
            yield return Outage;
        if (kind.BehindBroker)
            yield return Backlog;
    }

    public async Task<FaultRecord> RunAsync(string fault, int run)
    {
        await using var stand = await Stand.StartAsync(kind);
        await using var subject = kind.Create(stand);
        await subject.StartAsync();
        var publishing = new Publishing(kind, stand, subject, time);
        await publishing.ReadyAsync();
        double? catchUp = null;
        switch (fault)
        {
            case Outage:
                await SinkAwayAsync(stand, publishing);
                break;
            case Backlog:
                catchUp = await CatchUpAsync(stand, subject, publishing);
                break;
            default:
                await AwayAsync(fault, subject, publishing);
                break;
        }
        var acknowledged = publishing.Acknowledged();
        if (stand.Sink is { } sink && catchUp is null)
            await sink.LastArrivalAsync(acknowledged.Count, options, time);
        var keys = await subject.KeysAsync() ?? throw new InvalidOperationException($"{kind.Name} keeps no keys");
        return new FaultRecord { Subject = kind.Name, Run = run, Fault = fault, Acknowledged = acknowledged.Count, Lost = acknowledged.Count(key => !keys.Contains(key)), CatchUpSeconds = catchUp };
    }

    private async Task AwayAsync(string fault, Subject subject, Publishing publishing)
    {
        var length = TimeSpan.FromSeconds(options.FaultSeconds);
        // By number: where the subject is the endpoint, its gateways keep meanwhile what they have, and send it afterwards.
        var load = publishing.Start(KillRate, null, (long)(KillRate * options.FaultSeconds));
        await Task.Delay(length / 2, time);
        await (fault == Kill ? subject.KillAsync() : subject.StopAsync());
        await Task.Delay(Away, time);
        await subject.StartAsync();
        await load;
    }

    private async Task SinkAwayAsync(Stand stand, Publishing publishing)
    {
        var outage = TimeSpan.FromSeconds(options.OutageSeconds);
        var load = publishing.Start(OutageRate, BeforeOutage + outage + BeforeOutage, null);
        await Task.Delay(BeforeOutage, time);
        await stand.Sink!.Server.CrashAsync();
        await Task.Delay(outage, time);
        await stand.Sink.Server.StartAgainAsync();
        await load;
    }

    /// <summary>It has subscribed, and is killed: some unsubscribe when they are told to stop. What is published meanwhile waits in the broker.</summary>
    private async Task<double> CatchUpAsync(Stand stand, Subject subject, Publishing publishing)
    {
        await subject.KillAsync();
        var load = await publishing.Start(null, null, options.Backlog);
        var start = time.GetTimestamp();
        await subject.StartAsync();
        var at = await stand.Sink!.LastArrivalAsync(load.Acknowledged, options, time);
        return time.GetElapsedTime(start, at).TotalSeconds;
    }
}
