using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Backup;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;
using Telemetry.Ingest.Tests.Api;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Backup;

/// <summary>A data directory of real parts, open all the while, as a running service has it.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private DurableLog _log = null!;
    private StateDatabase _state = null!;
    private OutboxDatabase _outbox = null!;

    private string Data => _folder.File("data");

    private string Copies => _folder.File("copies");

    private string Restored => _folder.File("restored");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Data);
        _log = DurableLog.Open(Path.Combine(Data, "log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
        _state = StateDatabase.Open(Path.Combine(Data, "state.db"));
        _outbox = OutboxDatabase.Open(Path.Combine(Data, "notify.db"));
        CrewKey.Open(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "series.duckdb"), "not read", TestContext.Current.CancellationToken);
        await AppendAsync(1, 150);
        _outbox.Commit(LogId.Of(Path.Combine(Data, "log")), 100, [], []);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _state.Dispose();
        _outbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_restored_is_what_stood_there_and_another_log_by_name()
    {
        var made = BackUp();
        Assert.Equal(150, made.GetProperty("position").GetInt64());
        await AppendAsync(151, 160);
        Assert.Equal(0, Restore().Code);

        await using (var log = DurableLog.Open(Path.Combine(Restored, "log"), new LogOptions(), new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance))
            Assert.Equal(Enumerable.Range(1, 150).Select(i => (long)i), Sequences(ReadAll(log)));
        Assert.Equal(149, Registered(Restored));
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Data, CrewKey.FileName), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(Restored, CrewKey.FileName), TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Restored, CrewKey.FileName)));
        Assert.False(File.Exists(Path.Combine(Restored, "series.duckdb")));
        var (old, young) = (LogId.Of(Path.Combine(Data, "log")), LogId.Of(Path.Combine(Restored, "log")));
        Assert.NotEqual(old, young);
        using var outbox = OutboxDatabase.Open(Path.Combine(Restored, "notify.db"));
        Assert.Equal((null, 100L), (outbox.PositionIn(old), outbox.PositionIn(young)));
    }

    [Fact]
    public async Task A_second_set_copies_no_segment_again_and_each_is_whole_by_itself()
    {
        var first = BackUp();
        await AppendAsync(151, 400);
        var second = BackUp();
        Assert.True(second.GetProperty("bytes").GetInt64() > first.GetProperty("bytes").GetInt64());
        var sealedBefore = BackupManifest.Read(Copies, first.Text("set")).Files.Where(file => file.Shared).Sum(file => file.Bytes);
        Assert.True(sealedBefore > 900_000);
        Assert.True(second.GetProperty("copied").GetInt64() <= second.GetProperty("bytes").GetInt64() - sealedBefore);

        Assert.Equal(0, Restore("--set", first.Text("set")).Code);
        using var reader = DurableLog.OpenReadOnly(Path.Combine(Restored, "log"), new FileSystem());
        Assert.Equal(150, reader.Last);
    }

    [Fact]
    public async Task Sets_beyond_those_to_keep_go_and_what_they_alone_needed()
    {
        BackUp();
        await AppendAsync(151, 160);
        BackUp("--keep", "1");
        Assert.Equal([BackupManifest.SetName(160)], BackupManifest.Sets(Copies));
        Assert.Equal(0, Restore().Code);
    }

    [Theory]
    [InlineData("log/00000000000000000001.log")]
    [InlineData("state.db")]
    [InlineData("notify.db")]
    [InlineData("notify.key")]
    public void A_damaged_backup_is_refused_with_the_files_name_and_nothing_is_made(string name)
    {
        var set = BackUp().Text("set");
        var file = BackupManifest.Read(Copies, set).Files.Single(each => each.Path == name);
        var path = BackupManifest.PathOf(file, Copies, set);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        AssertRefused($"the backup is damaged: {path} is not what was backed up");
        File.WriteAllBytes(path, bytes[..^1]);
        AssertRefused($"the backup is damaged: {path} has {bytes.Length - 1} bytes, not {bytes.Length}");
        File.Delete(path);
        AssertRefused($"the backup is not whole: {path} is missing");
    }

    [Fact]
    public void A_backup_that_did_not_come_to_its_end_is_none_and_the_one_before_is_whole()
    {
        var set = BackUp().Text("set");
        Directory.CreateDirectory(Path.Combine(Copies, "unfinished"));
        Directory.CreateDirectory(Path.Combine(Copies, BackupManifest.SetName(9_999)));
        Assert.Equal([set], BackupManifest.Sets(Copies));
        Assert.Equal(0, Restore().Code);
    }

    [Fact]
    public void A_running_service_and_a_directory_that_is_not_empty_are_refused()
    {
        BackUp();
        Assert.Contains("a service is running in", Run(RestoreCommand.Create(), "--from", Copies, "--Data:Path", Data).Output, StringComparison.Ordinal);
        Directory.CreateDirectory(Restored);
        File.WriteAllText(Path.Combine(Restored, "mine"), "");
        var (code, output) = Restore();
        Assert.Equal(1, code);
        Assert.Contains("is not empty", output, StringComparison.Ordinal);
        Assert.Equal(["mine"], Directory.GetFileSystemEntries(Restored).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("log/../../outside")]
    [InlineData("/etc/outside")]
    public void A_manifest_that_names_a_file_outside_is_refused(string path)
    {
        var set = BackUp().Text("set");
        var manifest = Path.Combine(Copies, set, BackupManifest.FileName);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"notify.key\"", JsonSerializer.Serialize(path), StringComparison.Ordinal));
        AssertRefused("which is no path inside a data directory");
    }

    [Fact]
    public async Task A_damaged_log_is_not_backed_up_and_the_damage_is_named()
    {
        await AppendAsync(151, 400);
        var path = Directory.GetFiles(Path.Combine(Data, "log"), "*.log").Order(StringComparer.Ordinal).First();
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 5_000;
            file.WriteByte(0xAA);
        }
        var (code, output) = Run(BackupCommand.Create(), "--Data:Path", Data, "--out", Copies);
        Assert.Equal(1, code);
        Assert.Contains(path, output, StringComparison.Ordinal);
        Assert.Empty(BackupManifest.Sets(Copies));
    }

    [Fact]
    public void A_place_inside_the_data_directory_is_refused() =>
        Assert.Equal(2, Run(BackupCommand.Create(), "--Data:Path", Data, "--out", Path.Combine(Data, "copies")).Code);

    private async Task AppendAsync(int from, int to)
    {
        for (var i = from; i <= to; i++)
            await Append(_log, Reading(i, padding: 12_000));
        _state.Apply(new ProjectionBatch(to - 1, [], [], []));
    }

    private static long Registered(string data)
    {
        using var state = StateDatabase.Open(Path.Combine(data, "state.db"));
        return state.Position;
    }

    private JsonElement BackUp(params string[] more)
    {
        var (code, output) = Run(BackupCommand.Create(), ["--Data:Path", Data, "--out", Copies, "--json", .. more]);
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output).RootElement;
    }

    private (int Code, string Output) Restore(params string[] more) => Run(RestoreCommand.Create(), ["--from", Copies, "--Data:Path", Restored, .. more]);

    private void AssertRefused(string why)
    {
        var (code, output) = Restore();
        Assert.Equal(1, code);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Restored));
        Assert.False(Directory.Exists(Restored + ".restoring"));
    }

    private static (int Code, string Output) Run(Command command, params string[] arguments)
    {
        var output = new StringWriter();
        var code = command.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }
}
