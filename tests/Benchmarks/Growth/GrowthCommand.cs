using System.CommandLine;

namespace Telemetry.Benchmarks.Growth;

/// <summary><c>growth</c>: how the rules' costs grow with devices, rules and alarms.</summary>
internal static class GrowthCommand
{
    private static readonly int[] Sizes = [1_000, 10_000, 100_000, 1_000_000, 3_000_000, 10_000_000];

    // As measured, with the readings that wait to be sent and the checkpoint's file in the page cache.
    private const long BytesPerDevice = 3_500;

    public static RootCommand Create()
    {
        var devices = new Option<int>("--devices") { Description = "The largest city. Default: as large as the memory that is free allows, at most 10,000,000.", DefaultValueFactory = _ => Fitting() };
        var report = new Option<string>("--report") { Description = "The report, with its picture beside it.", DefaultValueFactory = _ => Path.Combine(Repository.Root, "docs", "growth.md") };
        var command = new RootCommand(
            """
            Measures what a reading, a device and a restart cost the rules, by number of devices, of rules, of alarms and of alarms of the same device, and writes a report. About 5 minutes; leave the machine alone meanwhile.

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- growth
              dotnet run -c Release --project tests/Benchmarks -- growth --devices 100000 --report /tmp/growth.md
            """) { devices, report };
        command.SetAction(parsed =>
        {
            var most = parsed.GetValue(devices);
            if (most < Sizes[0])
            {
                Console.Error.WriteLine($"--devices {most}: at least {Sizes[0]:N0}");
                return 1;
            }
            Measure(most, measured => Write(measured, Path.GetFullPath(parsed.GetRequiredValue(report))));
            return 0;
        });
        return command;
    }

    /// <param name="write">Called after each size, so that a machine that gives up at the largest one has the others.</param>
    private static void Measure(int most, Action<GrowthMeasured> write)
    {
        // The compiler's last word, alarms included.
        GrowthFamily.Measure(1, 0.1);
        var rules = new List<(int, double)>();
        foreach (var count in (int[])[1, 10, 100])
            rules.Add((count, Say($"{count} rules", GrowthFamily.Measure(count, 0)).Nanoseconds));
        var alarms = new List<(double, double, double)>();
        foreach (var share in (double[])[0, 0.001, 0.01, 0.1])
        {
            var (nanoseconds, transitions) = Say($"{share:P1} in alarm", GrowthFamily.Measure(1, share));
            alarms.Add((share, nanoseconds, transitions));
        }
        var again = new List<(int, double)>();
        foreach (var rounds in (int[])[100, 400, 1600])
        {
            var (nanoseconds, transitions) = Say($"{rounds / 2} alarms of each device", GrowthFamily.Measure(1, 0.5, devices: 100, rounds));
            again.Add((rounds / 2, nanoseconds / transitions));
        }
        var points = new List<GrowthPoint>();
        foreach (var size in Sizes.Where(size => size <= most))
        {
            points.Add(Say($"{size:N0} devices", GrowthPoint.Measure(size)));
            write(new GrowthMeasured(points, rules, alarms, again));
        }
    }

    private static T Say<T>(string what, T result)
    {
        Console.WriteLine($"{what}: {result}");
        return result;
    }

    private static void Write(GrowthMeasured measured, string report)
    {
        var picture = Path.ChangeExtension(report, ".svg");
        File.WriteAllText(picture, GrowthPicture.Of(measured));
        File.WriteAllText(report, GrowthReport.Of(measured, Path.GetFileName(picture)));
        Console.WriteLine(report);
    }

    private static int Fitting()
    {
        var free = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return (int)Math.Clamp(long.Parse(free, System.Globalization.CultureInfo.InvariantCulture) * 1024 / BytesPerDevice, Sizes[0], Sizes[^1]);
    }
}

internal sealed record GrowthMeasured(IReadOnlyList<GrowthPoint> Points, IReadOnlyList<(int Rules, double Nanoseconds)> Rules, IReadOnlyList<(double Share, double Nanoseconds, double Transitions)> Alarms, IReadOnlyList<(int Alarms, double Nanoseconds)> Again);
