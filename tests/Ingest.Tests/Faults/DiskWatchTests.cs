using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>People are called before a disk is full.</summary>
public sealed class DiskWatchTests
{
    private const long MiB = 1 << 20, GiB = 1 << 30;

    private readonly Dictionary<string, (long Free, long Size)> _disks = new() { ["data"] = (50 * GiB, 100 * GiB), ["data/log"] = (50 * GiB, 100 * GiB) };
    private readonly List<string> _said = [];
    private bool _fails;

    private DiskWatch Watch(params string[] standing) => new(
        new DiskOptions(), [.. _disks.Keys], place => _disks[place].Size < 0 ? throw new IOException("stale handle") : _disks[place],
        (entries, _) =>
        {
            if (_fails)
                throw new IOException("the log is closed");
            _said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Rule} {entry.Active} {entry.Detail}"));
            return new(Task.FromResult(1L));
        },
        standing.Contains, TimeProvider.System, NullLogger<DiskWatch>.Instance);

    private async Task<string[]> FreeAsync(DiskWatch watch, long free, string place = "data")
    {
        _disks[place] = (free, _disks[place].Size);
        _said.Clear();
        await watch.LookAsync(TestContext.Current.CancellationToken);
        return [.. _said];
    }

    [Fact]
    public async Task A_disk_that_runs_full_is_told_twice_and_each_is_over_only_when_there_is_clearly_more_room()
    {
        var watch = Watch();
        Assert.Empty(await FreeAsync(watch, 2 * GiB));
        Assert.Equal(["disk_low True disk: 2,047 MiB of 102,400 MiB are free where data is"], await FreeAsync(watch, (2 * GiB) - MiB));
        Assert.Empty(await FreeAsync(watch, GiB));
        Assert.Equal(["disk_almost_full True disk: 255 MiB of 102,400 MiB are free where data is"], await FreeAsync(watch, 255 * MiB));
        Assert.Empty(await FreeAsync(watch, 0));
        Assert.Empty(await FreeAsync(watch, 319 * MiB));
        Assert.Equal(["disk_almost_full False there is room again"], await FreeAsync(watch, 320 * MiB));
        Assert.Empty(await FreeAsync(watch, (5 * GiB / 2) - MiB));
        Assert.Equal(["disk_low False there is room again"], await FreeAsync(watch, 5 * GiB / 2));
    }

    [Fact]
    public async Task Of_several_disks_the_one_that_is_shortest_of_room_counts()
    {
        var watch = Watch();
        _disks["data/log"] = (50 * MiB, 480 * MiB);
        Assert.Empty(await FreeAsync(watch, 50 * GiB));
        Assert.Equal(["disk_low True disk: 40 MiB of 480 MiB are free where data/log is"], await FreeAsync(watch, 40 * MiB, "data/log"));
        Assert.Equal(["disk_almost_full True disk: 9 MiB of 480 MiB are free where data/log is"], await FreeAsync(watch, 9 * MiB, "data/log"));
        // Another is short too, but less so.
        Assert.Empty(await FreeAsync(watch, GiB));
        Assert.Equal(["disk_almost_full False there is room again"], await FreeAsync(watch, 400 * MiB, "data/log"));
        Assert.Equal(["disk_low False there is room again"], await FreeAsync(watch, 50 * GiB));
    }

    [Fact]
    public async Task After_a_restart_what_stands_is_not_said_again_and_what_is_over_is()
    {
        var watch = Watch("disk_low", "disk_almost_full");
        Assert.Equal(["disk_almost_full False there is room again"], await FreeAsync(watch, GiB));
        Assert.Equal(["disk_low False there is room again"], await FreeAsync(watch, 50 * GiB));
    }

    [Fact]
    public async Task What_the_log_did_not_take_is_said_at_the_next_look()
    {
        var watch = Watch();
        _fails = true;
        Assert.Empty(await FreeAsync(watch, GiB));
        _fails = false;
        Assert.Equal(["disk_low True disk: 1,024 MiB of 102,400 MiB are free where data is"], await FreeAsync(watch, GiB));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_asked_changes_nothing()
    {
        var watch = Watch("disk_low");
        _disks["data/log"] = (0, -1);
        Assert.Empty(await FreeAsync(watch, 50 * GiB));
    }

    [Fact]
    public void A_directory_is_asked_for_the_disk_that_it_is_on()
    {
        using var directory = new TempDirectory();
        var (free, size) = DiskWatch.Of(directory.Path);
        Assert.InRange(free, 1, size);
    }
}
