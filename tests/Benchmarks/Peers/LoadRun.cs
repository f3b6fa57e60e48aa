namespace Telemetry.Benchmarks.Peers;

/// <summary>One subject under load: as fast as it is taken, then at the rates at which latency is compared.</summary>
internal static class LoadRun
{
    private const double WarmUpAlarmSeconds = 2;

    public static async Task<LoadRecord> RunAsync(SubjectKind kind, int run, PeersOptions options, TimeProvider time)
    {
        await using var stand = await Stand.StartAsync(kind);
        await using var subject = kind.Create(stand);
        await subject.StartAsync();
        var publishing = new Publishing(kind, stand, subject, time);
        await publishing.ReadyAsync();
        // Every device is known and every program warm.
        await publishing.MeasureAsync(null, options.WarmUpSeconds, null);
        var rate = await publishing.MeasureAsync(null, options.Seconds, null);
        List<Phase> latencies = [];
        if (kind.TellsAlarms)
        {
            await using var subscriber = await AlarmSubscriber.ListenAsync(subject.PublishPort, "alarm-subscriber", publishing.Payload, time);
            // The first alarms of a program's life wait for its compiler, and for a file's first write.
            await publishing.MeasureAsync(1000, WarmUpAlarmSeconds, subscriber);
            foreach (var offered in (double[])[1000, 10_000, 0.8 * rate.ReadingsPerSecond])
                latencies.Add(await publishing.MeasureAsync(offered, options.LatencySeconds, subscriber));
        }
        var peak = ProcessTree.PeakMegabytes(subject.ProcessId);
        var acknowledged = publishing.Acknowledged();
        if (stand.Sink is { } sink)
            await sink.LastArrivalAsync(acknowledged.Count, options, time);
        var keys = await subject.KeysAsync();
        return new LoadRecord
        {
            Subject = kind.Name, Run = run, Rate = rate, Latencies = latencies, PeakMegabytes = peak, Acknowledged = acknowledged.Count,
            Lost = keys is null ? null : acknowledged.Count(key => !keys.Contains(key)),
        };
    }
}
