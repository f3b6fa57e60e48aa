using System.Globalization;
using Spectre.Console;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Commands;

/// <summary>A replay on a terminal: how far it is, and the space bar that pauses it.</summary>
internal static class ReplayScreen
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static async Task<ReplayResult> WatchAsync(ReplayRun run, ReplayPlan plan, bool json, Func<Task<ReplayResult>> play)
    {
        if (json || Console.IsOutputRedirected)
            return await play();
        return await AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async progress =>
        {
            var task = progress.AddTask("replay", maxValue: 1);
            var playing = play();
            using var timer = new PeriodicTimer(Look);
            while (!playing.IsCompleted)
            {
                await Task.WhenAny(playing, timer.WaitForNextTickAsync().AsTask());
                while (!Console.IsInputRedirected && Console.KeyAvailable)
                {
                    if (Console.ReadKey(intercept: true).Key == ConsoleKey.Spacebar)
                        run.Clock.Toggle();
                }
                task.Value = run.Share;
                task.Description = run.Clock.IsPaused ? "paused; space goes on" : Moment(plan, run.Share);
            }
            return await playing;
        });
    }

    private static string Moment(ReplayPlan plan, double share) =>
        DateTimeOffset.FromUnixTimeMilliseconds(plan.Survey.First + (long)(share * (plan.Survey.Last - plan.Survey.First))).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
