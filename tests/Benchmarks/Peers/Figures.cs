namespace Telemetry.Benchmarks.Peers;

/// <summary>One subject's rounds put together: medians, and percentiles over the latencies of all rounds.</summary>
internal sealed class Figures(SubjectKind kind, PeersMeasured measured)
{
    private readonly List<LoadRecord> _loads = [.. measured.Loads.Where(each => each.Subject == kind.Name)];
    private readonly List<FaultRecord> _faults = [.. measured.Faults.Where(each => each.Subject == kind.Name)];

    public SubjectKind Kind => kind;

    public bool HasLoad => _loads.Count > 0;

    /// <summary>Readings a second.</summary>
    public double Rate => Median(_loads.Select(load => load.Rate.ReadingsPerSecond));

    public double LeastRate => _loads.Min(load => load.Rate.ReadingsPerSecond);

    public double GreatestRate => _loads.Max(load => load.Rate.ReadingsPerSecond);

    /// <summary>Seconds per million readings: subject and broker.</summary>
    public double CpuWithBroker => Cpu(phase => phase.SubjectCpu + phase.BrokerCpu);

    public double PeakMegabytes => Median(_loads.Select(load => load.PeakMegabytes));

    /// <summary>Of all rounds; null for a limit that keeps no keys.</summary>
    public long? LostUnderLoad => _loads.Any(load => load.Lost is null) ? null : _loads.Sum(load => load.Lost);

    /// <summary>Rates at which latency was measured.</summary>
    public int Latencies => _loads.Count == 0 ? 0 : _loads.Min(load => load.Latencies.Count);

    /// <summary>The names of faults that this subject had.</summary>
    public IEnumerable<string> Faults => _faults.Select(fault => fault.Fault).Distinct();

    /// <summary>Seconds per million readings at full rate.</summary>
    public double Cpu(Func<Phase, double> of) => Median(_loads.Select(load => load.Rate.PerMillion(of(load.Rate))));

    /// <summary>The rate at which it was offered, the median of the rounds.</summary>
    public double Offered(int index) => Median(_loads.Select(load => load.Latencies[index].Offered!.Value));

    /// <summary>Milliseconds; infinite where the alarm did not come.</summary>
    public double Latency(int index, double share)
    {
        var all = _loads.SelectMany(load => load.Latencies[index].AlarmLatencies.Concat(Enumerable.Repeat(double.PositiveInfinity, Math.Max(0, load.Latencies[index].Alarms - load.Latencies[index].AlarmLatencies.Count)))).Order().ToList();
        return all.Count == 0 ? double.NaN : all[Math.Clamp((int)Math.Ceiling(share * all.Count) - 1, 0, all.Count - 1)];
    }

    public int Alarms(int index) => _loads.Sum(load => load.Latencies[index].Alarms);

    public bool KeptUp(int index) => _loads.All(load => load.Latencies[index].KeptUp);

    /// <summary>The median of the rounds, of how many; null where it had no such fault.</summary>
    public (long Lost, long Acknowledged)? Lost(string fault) =>
        _faults.Where(each => each.Fault == fault).OrderBy(each => each.Lost).ToList() is { Count: > 0 } rounds ? (rounds[rounds.Count / 2].Lost, rounds[rounds.Count / 2].Acknowledged) : null;

    /// <summary>Seconds and readings a second; null without a backlog.</summary>
    public (double Seconds, double Rate)? CatchUp =>
        _faults.Where(each => each.CatchUpSeconds is not null).OrderBy(each => each.CatchUpSeconds).ToList() is { Count: > 0 } rounds
            ? (rounds[rounds.Count / 2].CatchUpSeconds!.Value, (rounds[rounds.Count / 2].Acknowledged - rounds[rounds.Count / 2].Lost) / rounds[rounds.Count / 2].CatchUpSeconds!.Value)
            : null;

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : double.NaN;
}
