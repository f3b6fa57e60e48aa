using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Telemetry.Ingest.Watchdog;

/// <summary>Runs a program with <c>TELEMETRY_WATCHDOG</c> = <c>alert</c> or <c>over</c> and <c>TELEMETRY_WATCHDOG_REASON</c> in its environment; killed after a while.</summary>
internal sealed class CommandAlert(string program) : IAlert
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public string Name => "command";

    public async Task<string?> SayAsync(WatchVerdict verdict, string reason, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { Environment = { ["TELEMETRY_WATCHDOG"] = verdict == WatchVerdict.Alert ? "alert" : "over", ["TELEMETRY_WATCHDOG_REASON"] = reason } };
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken).WaitAsync(Longest, cancellationToken);
            return process.ExitCode == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"exit code {process.ExitCode}");
        }
        catch (Win32Exception error)
        {
            return error.Message;
        }
        catch (TimeoutException)
        {
            process?.Kill(entireProcessTree: true);
            return $"killed after {Longest.TotalSeconds} s";
        }
        finally
        {
            process?.Dispose();
        }
    }
}
