using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Log;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public sealed class RealFilesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("log-test").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task The_log_works_on_real_files()
    {
        for (var life = 0; life < 3; life++)
        {
            await using var log = Open();
            await Append(log, [.. Enumerable.Range(0, 100).Select(i => Reading(i))]);
            Assert.Equal((life + 1) * 100, ReadAll(log).Count);
        }
    }

    [Fact]
    public async Task A_disk_that_is_really_full_is_named_so_and_ticks_go_on()
    {
        var small = Directory.CreateDirectory(Path.Combine(_data, "small")).FullName;
        if (!await Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small))
            Assert.Skip("mounting a small disk needs root");
        try
        {
            var ballast = Path.Combine(small, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[3 << 20], TestContext.Current.CancellationToken);
            var bench = new LogBench();
            await using var log = DurableLog.Open(Path.Combine(small, "log"), new LogOptions(), new FileSystem(), new LogClock(TimeProvider.System), bench.Logger);
            var waiting = new List<Task<long>>();
            while (log.Unwritable is null)
            {
                waiting.Add(await Begin(log, Reading(waiting.Count, padding: 20_000)));
                await bench.Until(() => waiting[^1].IsCompleted || log.Unwritable is not null);
            }
            Assert.StartsWith("disk_full", log.Unwritable, StringComparison.Ordinal);
            await Append(log, new Telemetry.Rules.Model.TickEntry());
            Assert.False(waiting[^1].IsCompleted);
            File.Delete(ballast);
            await Task.WhenAll(waiting);
            Assert.Equal(Enumerable.Range(0, waiting.Count).Select(i => (long)i), Sequences(ReadAll(log)));
        }
        finally
        {
            await Run("umount", small);
        }
    }

    [Fact]
    public async Task A_second_process_is_kept_out()
    {
        await using var log = Open();
        Assert.Throws<IOException>(() => Open());
    }

    [Fact]
    public async Task Verify_log_prints_what_stands_there_and_exits_0()
    {
        await using (var log = Open())
            await Append(log, Reading(1), Reading(2));
        var (code, output) = Verify("--json");
        Assert.Equal(0, code);
        using var total = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        Assert.Equal(2, total.RootElement.GetProperty("entries").GetInt64());
        Assert.Equal(1, total.RootElement.GetProperty("groups").GetInt64());
        Assert.Equal(2, total.RootElement.GetProperty("last").GetInt64());
        Assert.Contains("1 segments, 1 groups, 2 entries", Verify().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_log_names_damage_and_exits_1()
    {
        await using (var log = Open())
        {
            await Append(log, Reading(1));
            await Append(log, Reading(2));
            await Append(log, Reading(3));
        }
        var path = Directory.GetFiles(Path.Combine(_data, "log"), "*1.log").Single();
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[160 + 50] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var (code, output) = Verify();
        Assert.Equal(1, code);
        Assert.Contains($"DAMAGE {path} at offset 160", output, StringComparison.Ordinal);
        Assert.Contains("positions 1 to 1", output, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Verify_log_prints_the_head_and_later_proves_that_the_log_contains_it()
    {
        await using (var log = Open())
            await Append(log, Reading(1), Reading(2));
        var head = Verify("--chain", "--head").Output.TrimEnd().Split('\n')[^1]["head ".Length..];
        Assert.StartsWith("2:", head, StringComparison.Ordinal);
        await using (var log = Open())
            await Append(log, Reading(3));
        var (code, output) = Verify("--chain", "--expect", head);
        Assert.Equal(0, code);
        Assert.Contains($"chain from position 1 on: whole\ncontains {head}", output, StringComparison.Ordinal);

        var another = "2:" + new string('0', 64);
        Assert.Equal(1, Verify("--chain", "--expect", another).Code);
        Assert.Contains("\"changed\":\"the log does not hold", Verify("--chain", "--json", "--expect", another).Output, StringComparison.Ordinal);
        Assert.Equal(2, Verify("--chain", "--expect", "2:abc").Code);
        Assert.Equal(2, Verify("--head").Code);
    }

    [Fact]
    public void Verify_log_of_a_directory_without_a_log_exits_2() => Assert.Equal(2, Verify().Code);

    private static async Task<bool> Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }

    private DurableLog Open() =>
        DurableLog.Open(Path.Combine(_data, "log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);

    private (int Code, string Output) Verify(params string[] more)
    {
        var output = new StringWriter();
        var code = VerifyLogCommand.Create().Parse(["--Data:Path", _data, .. more]).Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }
}
