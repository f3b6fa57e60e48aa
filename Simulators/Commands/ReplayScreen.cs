using System.Globalization;
using Spectre.Console;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Commands;

/// <summary>A replay on a terminal: how far it is, and the keys that pause it and set it to another moment.</summary>
internal static class ReplayScreen
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<ConsoleKey, TimeSpan> Seeks = new()
    {
        [ConsoleKey.RightArrow] = TimeSpan.FromMinutes(1), [ConsoleKey.LeftArrow] = TimeSpan.FromMinutes(-1), [ConsoleKey.PageDown] = TimeSpan.FromMinutes(30), [ConsoleKey.PageUp] = TimeSpan.FromMinutes(-30),
    };

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
                    var key = Console.ReadKey(intercept: true).Key;
                    if (key == ConsoleKey.Spacebar)
                        run.Clock.Toggle();
                    else if (run.CanSeek && Seeks.TryGetValue(key, out var by))
                        run.Seek(by);
                }
                task.Value = run.Share;
                task.Description = Moment(plan, run.Share) + (run.Clock.IsPaused ? " paused; space goes on" : "");
            }
            return await playing;
        });
    }

    private static string Moment(ReplayPlan plan, double share) =>
        DateTimeOffset.FromUnixTimeMilliseconds(plan.Survey.First + (long)(share * (plan.Survey.Last - plan.Survey.First))).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
