using System.Globalization;
using System.Text;

namespace Telemetry.Benchmarks.Peers;

/// <summary>The report in Markdown.</summary>
internal static class PeersReport
{
    // What is claimed of the service: which figure of which two subjects, and at least or at most which ratio.
    private static readonly (string Ours, string Other, string Of, double Goal)[] Goals =
    [
        ("ours-endpoint", "node-red", "rate", 5), ("ours-endpoint", "syslog-ng", "rate", 5), ("ours-endpoint", "node-red", "CPU", 1 / 3.0), ("ours-endpoint", "syslog-ng", "CPU", 1 / 3.0),
        ("ours-influx", "node-red", "rate", 3), ("ours-influx", "syslog-ng", "rate", 3), ("ours-50", "node-red", "rate", 50), ("ours-50", "syslog-ng", "rate", 50),
        ("ours-endpoint", "endpoint-alone", "rate", 0.75), ("ours-behind", "bare", "rate", 0.8), ("ours-influx", "loader", "rate", 0.8),
        ("ours", "node-red", "rate", double.NaN), ("ours", "syslog-ng", "rate", double.NaN), ("ours", "bridge", "rate", double.NaN), ("ours", "bare", "rate", double.NaN),
    ];

    public static string Of(PeersMeasured measured, string picture) => $"""
        # Beside peers and limits

        Made by `dotnet run -c Release --project tests/Benchmarks -- peers` (`--help` for the numbers of rounds); every figure is of one run, on one machine, which should do nothing else meanwhile. Ratios carry over to another machine better
        than rates, CPU seconds better than rates.

        ![rates, CPU, latency]({picture})

        ## How
        - Each reading is a JSON object of about 200 bytes with five values, its device, a sequence number and the time of publishing; 20 connections, {Publishing.Devices:N0} devices, QoS 1, at most 20,000 unacknowledged. The publisher is this project's own, sends
          what its window allows in one call (cheaper for a broker than a thousand gateways with one message each), and writes down every key that was acknowledged; what is in the sink afterwards is compared with that key by key.
        - **Rate**: backlog method. Publishing for {measured.Options.Seconds} s as fast as acknowledged (behind Mosquitto at most {20_000 * measured.Options.Seconds:N0} readings), then waiting until the sink holds the last one; readings over the whole of that time. So nobody is credited with what only waits in a queue.
        - **CPU**: user and system of the whole process tree from /proc, per million readings that arrived; broker, InfluxDB and publisher beside it. **Memory**: the greatest resident set, summed over the tree.
        - **Latency**: from the write of the reading's bytes to the alarm message at a subscriber on MQTT, 100 alarms a second over {measured.Options.LatencySeconds} s, percentiles over all rounds, after 2 s that don't count. An alarm that did not come counts as infinite. The rule has no delay: `leak_high` of `gas_valve`.
        - **Loss**: `kill` is SIGKILL at 2,000/s and a start after 1 s; `restart` the same with SIGTERM; `outage` takes InfluxDB away for {measured.Options.OutageSeconds} s at 1,000/s; `backlog` lets {measured.Options.Backlog:N0} readings wait in Mosquitto while the subject is dead. Mosquitto lives throughout, with queues that drop nothing.
        - {measured.Options.Runs} rounds under load ({measured.Options.FaultRuns} of the faults), each through all subjects in turn, each with a new broker, a new sink and a new data directory, after {measured.Options.WarmUpSeconds:0.#} s at full speed that don't count; medians. Broker, subject, sink and publisher share the machine's cores: above 10,000/s Mosquitto and the publisher take a good part of two.
        - The peers keep no state of a device: they tell of every reading above a limit, with no deadband, delay, acknowledgement, journal or duplicate that is recognised. They do less.

        {Machine(measured)}

        {Subjects(measured)}

        {Tables(measured)}

        """;

    /// <summary>The results alone.</summary>
    public static string Tables(PeersMeasured measured)
    {
        var all = SubjectKind.All.Select(kind => new Figures(kind, measured)).ToList();
        return string.Join("\n\n", new[] { Rates(all), Ratios(all), Latencies(all), Faults(all) }.Where(table => table.Length > 0));
    }

    private static string Machine(PeersMeasured measured) => Table("## On what", ["", ""], measured.Machine.Select(each => new[] { each.Name, each.Value }));

    private static string Subjects(PeersMeasured measured) => Table("## Who", ["subject", "", "as"],
        SubjectKind.All.Where(kind => measured.Loads.Any(load => load.Subject == kind.Name)).Select(kind => new[] { $"`{kind.Name}`", kind.Title, kind.Configuration }));

    private static string Rates(List<Figures> all) => Table("## Rate, CPU, memory",
        ["subject", "readings/s", "least to greatest", "CPU-s per million: subject", "broker", "InfluxDB", "publisher", "subject + broker", "peak MB", "lost"],
        all.Where(each => each.HasLoad).Select(each => new[]
        {
            $"`{each.Kind.Name}`", $"**{N0(each.Rate)}**", $"{N0(each.LeastRate)} to {N0(each.GreatestRate)}", N1(each.Cpu(phase => phase.SubjectCpu)), each.Kind.BehindBroker ? N1(each.Cpu(phase => phase.BrokerCpu)) : "",
            each.Kind.IntoInflux ? N1(each.Cpu(phase => phase.SinkCpu)) : "", each.Kind.Name == "loader" ? "" : N1(each.Cpu(phase => phase.HarnessCpu)), N1(each.CpuWithBroker), N0(each.PeakMegabytes), each.LostUnderLoad is { } lost ? N0(lost) : "",
        }));

    private static string Ratios(List<Figures> all) => Table("## Ratios", ["", "ratio", "goal"],
        from goal in Goals
        let ours = all.First(each => each.Kind.Name == goal.Ours)
        let other = all.First(each => each.Kind.Name == goal.Other)
        where ours.HasLoad && other.HasLoad
        let isRate = goal.Of == "rate"
        let ratio = isRate ? ours.Rate / other.Rate : ours.CpuWithBroker / other.CpuWithBroker
        select new[]
        {
            $"{(isRate ? "readings/s" : "CPU with the broker")}, `{goal.Ours}` to `{goal.Other}`", $"**{ratio.ToString("0.00", CultureInfo.InvariantCulture)}**",
            double.IsNaN(goal.Goal) ? "" : $"{(isRate ? "at least" : "at most")} {goal.Goal.ToString("0.##", CultureInfo.InvariantCulture)}: {((isRate ? ratio >= goal.Goal : ratio <= goal.Goal) ? "reached" : "missed")}",
        });

    private static string Latencies(List<Figures> all) => Table("## From publish to alarm on MQTT, ms", ["subject", "readings/s", "p50", "p99", "p99.9", "alarms", "the sink kept up"],
        from each in all
        from index in Enumerable.Range(0, each.Latencies)
        select new[]
        {
            $"`{each.Kind.Name}`", N0(each.Offered(index)) + (index == 2 ? ", 80 %" : ""), Ms(each.Latency(index, 0.5)), Ms(each.Latency(index, 0.99)), Ms(each.Latency(index, 0.999)), N0(each.Alarms(index)), each.KeptUp(index) ? "yes" : "no",
        });

    private static string Faults(List<Figures> all) => Table("## What is lost of what was acknowledged", ["subject", "`kill -9`", "graceful restart", "sink away", "backlog", "backlog stored after", "catching up"],
        all.Where(each => each.Faults.Any()).Select(each => new[]
        {
            $"`{each.Kind.Name}`", Lost(each, FaultRun.Kill), Lost(each, FaultRun.Restart), Lost(each, FaultRun.Outage), Lost(each, FaultRun.Backlog),
            each.CatchUp is { } at ? $"{N1(at.Seconds)} s" : "", each.CatchUp is { } rate ? $"{N0(rate.Rate)}/s" : "",
        }));

    private static string Lost(Figures figures, string fault) => figures.Lost(fault) is { } one ? $"{(one.Lost == 0 ? "0" : $"**{N0(one.Lost)}**")} of {N0(one.Acknowledged)}" : "";

    private static string Table(string title, string[] heads, IEnumerable<string[]> rows)
    {
        var lines = rows.Select(row => $"| {string.Join(" | ", row)} |").ToList();
        if (lines.Count == 0)
            return "";
        return new StringBuilder().Append(title).Append('\n').Append("| ").AppendJoin(" | ", heads).Append(" |\n|").AppendJoin("|", heads.Select(_ => "---")).Append("|\n").AppendJoin('\n', lines).ToString();
    }

    private static string N0(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string N1(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

    private static string Ms(double value) => double.IsInfinity(value) ? "never" : double.IsNaN(value) ? "" : N1(value);
}
