using System.Globalization;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// Looks every few seconds how much room is left: <c>system/disk_low</c> and <c>system/disk_almost_full</c> call people while they can still be told and nothing has stopped yet.
/// </summary>
/// <param name="places">Directories that state stands in.</param>
/// <param name="disks">Bytes free and in all on the disk of a directory.</param>
/// <param name="stands">The condition of a rule holds, as the log has it at start.</param>
internal sealed partial class DiskWatch(DiskOptions options, IReadOnlyList<string> places, Func<string, (long Free, long Size)> disks, AppendEntries append, Func<string, bool> stands, TimeProvider time, ILogger<DiskWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Level[] _levels =
    [
        new(WatchService.DiskLow, size => Math.Min(options.Low, size / 10), append, stands(WatchService.DiskLow), logger),
        new(WatchService.DiskAlmostFull, size => Math.Min(options.AlmostFull, size / 50), append, stands(WatchService.DiskAlmostFull), logger),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await LookAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        List<(string Place, (long Free, long Size) Disk)> seen;
        try
        {
            seen = [.. places.Select(place => (place, disks(place)))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnknown(error);
            return;
        }
        foreach (var level in _levels)
            await level.LookAsync(seen, cancellationToken);
    }

    /// <summary>Of the disk that a directory is on.</summary>
    public static (long Free, long Size) Of(string directory)
    {
        var disk = new DriveInfo(Path.GetFullPath(directory));
        return (disk.AvailableFreeSpace, disk.TotalSize);
    }

    [LoggerMessage(LogLevel.Error, "how much room is left on the disk can't be asked; no alarm comes or goes by it meanwhile")]
    private partial void LogUnknown(Exception error);

    private sealed class Level
    {
        // One name for every disk: which is the shortest of room may change from look to look.
        private const string Name = "disk";

        private readonly Func<long, long> _least;
        private readonly SystemAlarm _alarm;
        private bool _stands;

        public Level(string rule, Func<long, long> least, AppendEntries append, bool stands, ILogger logger)
        {
            (_least, _stands) = (least, stands);
            _alarm = new(rule, "another disk is short of room", "there is room again", append, stands, logger);
            _alarm.Restore([Name]);
        }

        public async Task LookAsync(IEnumerable<(string Place, (long Free, long Size) Disk)> seen, CancellationToken cancellationToken)
        {
            // A quarter more than was too little: or a segment that comes or goes would raise it again and again.
            var (place, disk) = seen.MinBy(one => (double)one.Disk.Free / Math.Max(1, _least(one.Disk.Size)));
            var limit = _least(disk.Size);
            _stands = disk.Free < (_stands ? limit + (limit / 4) : limit);
            await _alarm.SayAsync(_stands ? new Dictionary<string, string> { [Name] = $"{Text(disk.Free)} of {Text(disk.Size)} are free where {place} is" } : [], cancellationToken);
        }

        private static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):#,0} MiB");
    }
}
