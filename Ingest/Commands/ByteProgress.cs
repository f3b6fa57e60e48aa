using Spectre.Console;

namespace Telemetry.Ingest.Commands;

/// <summary>A bar for work that counts bytes; none where nobody looks.</summary>
internal static class ByteProgress
{
    /// <param name="run">Told what to call with all bytes there are, and with each number of bytes done.</param>
    public static T Run<T>(string name, bool json, Func<Action<long>, Action<long>, T> run)
    {
        if (json || Console.IsOutputRedirected)
            return run(_ => { }, _ => { });
        return AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var task = progress.AddTask(name);
            return run(total => task.MaxValue = Math.Max(1, total), done => task.Increment(done));
        });
    }
}
