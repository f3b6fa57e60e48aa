namespace Telemetry.Benchmarks.Peers;

/// <summary>Lengths and numbers of a measurement.</summary>
internal sealed record PeersOptions
{
    /// <summary>Rounds through all subjects.</summary>
    public required int Runs { get; init; }

    /// <summary>Rounds of the faults, which take longer.</summary>
    public required int FaultRuns { get; init; }

    /// <summary>Publishing at full speed before anything is measured.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>Publishing at full speed.</summary>
    public required double Seconds { get; init; }

    /// <summary>Publishing at each of the rates at which latency is measured.</summary>
    public required double LatencySeconds { get; init; }

    /// <summary>Of publishing around a kill or a restart.</summary>
    public required double FaultSeconds { get; init; }

    /// <summary>Without a sink.</summary>
    public required double OutageSeconds { get; init; }

    /// <summary>Without a further reading in the sink for so long, the rest is taken for lost. Longer than any subject was seen to wait before it tried again.</summary>
    public required double SettledSeconds { get; init; }

    /// <summary>Readings that wait in the broker.</summary>
    public required int Backlog { get; init; }

    /// <exception cref="ArgumentException">A length or a number is out of its range.</exception>
    public void Validate()
    {
        if (Runs < 0 || FaultRuns < 0 || Runs + FaultRuns == 0)
            throw new ArgumentException($"--runs {Runs} --fault-runs {FaultRuns}: 0 or more, and one of them above 0");
        if (!(WarmUpSeconds > 0 && Seconds > 0 && LatencySeconds > 0 && OutageSeconds > 0))
            throw new ArgumentException(FormattableString.Invariant($"--warm-up-seconds {WarmUpSeconds} --seconds {Seconds} --latency-seconds {LatencySeconds} --outage-seconds {OutageSeconds}: all above 0"));
        if (Backlog < 1)
            throw new ArgumentException($"--backlog {Backlog}: at least 1 reading");
    }
}

/// <summary>One time of publishing and of what came of it. CPU in seconds, user and system.</summary>
internal sealed record Phase
{
    /// <summary>Readings a second; null for as many as are taken.</summary>
    public required double? Offered { get; init; }

    /// <summary>Readings.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Readings in the sink at its end.</summary>
    public required long Arrived { get; init; }

    public required double PublishSeconds { get; init; }

    /// <summary>From the first publish until the last arrival.</summary>
    public required double Seconds { get; init; }

    /// <summary>Of the subject's process tree.</summary>
    public required double SubjectCpu { get; init; }

    public double BrokerCpu { get; init; }

    public double SinkCpu { get; init; }

    /// <summary>Of this harness: publisher, alarm subscriber, and before the service's InfluxDB the gate.</summary>
    public double HarnessCpu { get; init; }

    /// <summary>Published.</summary>
    public int Alarms { get; init; }

    /// <summary>Milliseconds from publish to alarm message, of each that came.</summary>
    public IReadOnlyList<double> AlarmLatencies { get; init; } = [];

    public double ReadingsPerSecond => Arrived / Seconds;

    /// <summary>The last reading arrived within a second of the last acknowledgement.</summary>
    public bool KeptUp => Arrived >= Acknowledged && Seconds - PublishSeconds < 1;

    /// <summary>Seconds per million readings.</summary>
    public double PerMillion(double cpu) => cpu / Math.Max(1, Arrived) * 1e6;
}

/// <summary>One subject under load, in one round.</summary>
internal sealed record LoadRecord
{
    public required string Subject { get; init; }

    public required int Run { get; init; }

    /// <summary>As fast as they are taken.</summary>
    public required Phase Rate { get; init; }

    /// <summary>1,000/s, 10,000/s, 80 % of this round's rate.</summary>
    public IReadOnlyList<Phase> Latencies { get; init; } = [];

    /// <summary>Resident, the whole tree.</summary>
    public required double PeakMegabytes { get; init; }

    /// <summary>Readings of all phases.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Acknowledged keys that are not in the sink; null where it keeps no keys.</summary>
    public long? Lost { get; init; }
}

/// <summary>One subject and one fault, in one round.</summary>
internal sealed record FaultRecord
{
    public required string Subject { get; init; }

    public required int Run { get; init; }

    /// <summary><c>kill</c>, <c>restart</c>, <c>outage</c>, <c>backlog</c>.</summary>
    public required string Fault { get; init; }

    public required long Acknowledged { get; init; }

    /// <summary>Acknowledged keys that are not in the sink.</summary>
    public required long Lost { get; init; }

    /// <summary>Of the backlog alone: from the start of the program until the last arrival.</summary>
    public double? CatchUpSeconds { get; init; }
}

/// <summary>Everything that a report is made of.</summary>
internal sealed record PeersMeasured
{
    public required PeersOptions Options { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Machine { get; init; }

    public List<LoadRecord> Loads { get; init; } = [];

    public List<FaultRecord> Faults { get; init; } = [];
}
