using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Faults;

/// <summary>One thing that a fault has made different from what would have been sent: a line of the ledger.</summary>
/// <param name="Fault">Its word in the file: <c>stuck</c>.</param>
/// <param name="Number">Which of the file's faults, from 1.</param>
/// <param name="Device">Null where the gateway itself is struck.</param>
/// <param name="Channel">As sent, with its instance; null where it is no value that differs.</param>
/// <param name="Sequence">Of the reading, as its device counts; null where it doesn't.</param>
/// <param name="From">Begin of the fault's span, Unix ms.</param>
/// <param name="To">Its end; null for none.</param>
/// <param name="At">When the reading was due, Unix ms.</param>
/// <param name="Original">A value, a time as sent, or a moment of sending, as <see cref="Channel"/> and <see cref="Fault"/> say. With several faults on one reading: what the one before it had left.</param>
/// <param name="Sent">The same, as it was sent; null for what was not.</param>
public sealed record Injection(string Fault, int Number, string Gateway, string? Device, string? Channel, long? Sequence, long From, long? To, long At, object? Original, object? Sent)
{
    public static object ValueOf(ChannelValue value) => value.Kind switch
    {
        ValueKind.Boolean => value.Number != 0,
        ValueKind.State => value.State!,
        _ => value.Number,
    };
}

/// <summary>What every stage is given at its begin.</summary>
/// <param name="Start">Of the stream, Unix ms.</param>
/// <param name="Record">Takes the ledger's lines as they come about.</param>
public sealed record FaultRun(long Start, int Seed, Action<Injection> Record);
