using Spectre.Console;

namespace Telemetry.Simulators.Commands;

/// <summary>A live run on a terminal: how far the story is. It takes as long as it takes, and whoever waits wants to know that it does.</summary>
internal static class LiveScreen
{
    public static async Task<T> WatchAsync<T>(string name, bool json, Func<IProgress<double>?, Task<T>> play)
    {
        if (json || Console.IsOutputRedirected)
            return await play(null);
        return await AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(progress => play(new Share(progress.AddTask(Markup.Escape(name), maxValue: 1))));
    }

    private sealed class Share(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
