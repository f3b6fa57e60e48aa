using System.CommandLine;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Commands;

/// <summary><c>--faults</c> and <c>--fault-ledger</c>, alike in all commands that send readings.</summary>
internal static class FaultOptions
{
    public static Option<string?> File() => new("--faults") { HelpName = "FILE", Description = "What goes wrong with the readings on their way: stuck, spike, gateway_offline … (docs/faults.md)." };

    public static Option<string?> Ledger() => new("--fault-ledger") { HelpName = "FILE", Description = "Writes a JSON line for everything that a fault makes different." };

    /// <exception cref="InvalidDataException">It can't be read or has mistakes: the message has them all.</exception>
    public static FaultPlan Read(string? file, IReadOnlyList<Sender> senders, string prefix = "")
    {
        if (file is null)
            return FaultPlan.None;
        if (!System.IO.File.Exists(file))
            throw new InvalidDataException($"--faults {file}: there is no such file");
        var (plan, errors) = FaultReader.Read(file, System.IO.File.ReadAllText(file), senders, prefix);
        return plan ?? throw new InvalidDataException(string.Join('\n', errors));
    }

    /// <exception cref="InvalidDataException">A ledger of nothing.</exception>
    public static void Check(string? file, string? ledger)
    {
        if (ledger is not null && file is null)
            throw new InvalidDataException($"--fault-ledger {ledger}: without --faults there is nothing to write there");
    }

    /// <summary>Null where none was asked for.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static FaultLedger? Open(string? file) => file is null ? null : new FaultLedger(new StreamWriter(file) { NewLine = "\n", AutoFlush = true });
}
