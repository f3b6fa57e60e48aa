namespace Telemetry.Simulators.Faults;

/// <summary>The way of a reading: whatever the file's order, a sensor errs before its device's clock stamps it, and the message goes astray after that.</summary>
public enum FaultOrder : byte
{
    Sensor,
    Clock,
    Delivery,

    /// <summary>Last: a dead gateway keeps the late and the doubled too.</summary>
    Gateway,
}

/// <summary>One fault of a file: its parameters. What it remembers while it runs is in the stage that it begins.</summary>
/// <param name="Word">As in the file: <c>stuck</c>.</param>
/// <param name="Number">Which of the file's, from 1.</param>
public abstract record Fault(string Word, int Number, FaultWho Who, FaultWhen When)
{
    public abstract FaultOrder Order { get; }

    public abstract FaultStage Begin(FaultRun run);
}

/// <summary>All faults that lie over a stream.</summary>
/// <param name="Seed">Of every fault that leaves something to chance.</param>
public sealed record FaultPlan(int Seed, IReadOnlyList<Fault> Faults)
{
    public static FaultPlan None { get; } = new(0, []);

    /// <summary>Both, the other's numbered on. The seed is that of the first that has any faults.</summary>
    public FaultPlan And(FaultPlan other) =>
        Faults.Count == 0 ? other : this with { Faults = [.. Faults, .. other.Faults.Select(fault => fault with { Number = Faults.Count + fault.Number })] };

    /// <summary>In the order in which they strike a reading.</summary>
    public IEnumerable<Fault> InOrder => Faults.OrderBy(fault => fault.Order);
}
