using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Store;

namespace Telemetry.Ingest.Tests.Store;

public sealed class DuckDbStoreTests : SeriesStoreContract, IDisposable
{
    private readonly TempDirectory _directory = new();

    private string File => _directory.File("series.duckdb");

    protected override async Task<ISeriesStore> OpenAsync()
    {
        var store = new DuckDbStore(File);
        await store.OpenAsync(Token);
        return store;
    }

    protected override Task WipeAsync()
    {
        foreach (var file in Directory.GetFiles(_directory.Path))
            System.IO.File.Delete(file);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_old_point_of_a_stored_key_with_another_value_is_another_point()
    {
        await using var store = await OpenAsync();
        var stored = Number(T0, 1) with { Sequence = 7 };
        await store.WriteAsync([stored], 1, Token);
        await store.WriteAsync([stored with { LookUpFirst = true, Number = 1.5 }], 2, Token);
        Assert.Equal([1, 1.5], (await store.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task What_is_older_than_it_keeps_is_removed_with_the_next_batch_after_an_hour()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T0));
        await using var store = new DuckDbStore(File, TimeSpan.FromDays(1), time);
        await store.WriteAsync([Number(T0 - 86_400_001, 1), Number(T0 - 86_400_000, 2), Number(T0, 3)], 1, Token);
        Assert.Equal([2, 3], await NumbersAsync());
        time.Advance(TimeSpan.FromMinutes(59));
        await store.WriteAsync([Number(T0 + 1, 4)], 2, Token);
        Assert.Equal([2, 3, 4], await NumbersAsync());
        time.Advance(TimeSpan.FromMinutes(1));
        await store.WriteAsync([Number(T0 + 2, 5)], 3, Token);
        Assert.Equal([3, 4, 5], await NumbersAsync());
        Assert.Equal(3, store.Position);

        async Task<IEnumerable<double>> NumbersAsync() => (await store.ReadAsync("D-1", "level", 0, T0 + 10, 100, Token)).Select(point => point.Number);
    }

    [Fact]
    public async Task Reading_beside_a_writer_sees_whole_batches()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0, 0)], 1, Token);
        var writing = Task.Run(
            async () =>
            {
                for (var batch = 1; batch <= 30; batch++)
                    await store.WriteAsync([.. Enumerable.Range(0, 100).Select(i => Number(T0 + (batch * 100) + i, batch))], batch + 1, Token);
            },
            Token);
        do
        {
            var seen = await store.ReadAsync("D-1", "level", T0, T0 + 100_000, 100_000, Token);
            Assert.Equal(0, (seen.Count - 1) % 100);
        }
        while (!writing.IsCompleted);
        await writing;
        Assert.Equal(3001, (await store.ReadAsync("D-1", "level", T0, T0 + 100_000, 100_000, Token)).Count);
    }

    [Fact]
    public async Task What_a_killed_process_leaves_behind_has_every_row_of_its_position_and_none_beyond()
    {
        await using var store = await OpenAsync();
        for (var batch = 1; batch <= 20; batch++)
        {
            await store.WriteAsync([.. Enumerable.Range(0, 500).Select(i => Number(T0 + (batch * 500) + i, batch))], batch, Token);
            var copy = _directory.File($"copy-{batch}.duckdb");
            Copy(File, copy);
            Copy(File + ".wal", copy + ".wal");
            await using var recovered = new DuckDbStore(copy);
            await recovered.OpenAsync(Token);
            Assert.Equal(batch, recovered.Position);
            Assert.Equal(batch * 500, (await recovered.ReadAsync("D-1", "level", T0, T0 + 1_000_000, 1_000_000, Token)).Count);
        }
    }

    [Theory]
    [InlineData(0.99)]
    [InlineData(0.7)]
    [InlineData(0.4)]
    [InlineData(0.1)]
    public async Task A_write_ahead_log_torn_anywhere_gives_a_whole_number_of_batches(double kept)
    {
        var copy = _directory.File("copy.duckdb");
        await using (var store = await OpenAsync())
        {
            for (var batch = 1; batch <= 10; batch++)
                await store.WriteAsync([.. Enumerable.Range(0, 200).Select(i => Number(T0 + (batch * 200) + i, batch))], batch, Token);
            Copy(File, copy);
            Copy(File + ".wal", copy + ".wal");
        }
        using (var log = System.IO.File.OpenWrite(copy + ".wal"))
            log.SetLength((long)(log.Length * kept));

        await using var recovered = new DuckDbStore(copy);
        await recovered.OpenAsync(Token);
        Assert.InRange(recovered.Position, 0, 9);
        Assert.Equal(recovered.Position * 200, (await recovered.ReadAsync("D-1", "level", T0, T0 + 1_000_000, 1_000_000, Token)).Count);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_now_is_an_io_error_and_opens_later()
    {
        Directory.CreateDirectory(File);
        await using var store = new DuckDbStore(File);
        var error = await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(Token));
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync([Number(T0, 1)], 1, Token));
        await Assert.ThrowsAsync<IOException>(() => store.ReadAsync("D-1", "level", T0, T0 + 1, 1, Token));

        Directory.Delete(File);
        await store.WriteAsync([Number(T0, 1)], 1, Token);
        Assert.Single(await store.ReadAsync("D-1", "level", T0, T0 + 1, 1, Token));
    }

    [Fact]
    public async Task A_batch_that_fails_midway_leaves_nothing_and_succeeds_as_a_whole_later()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0, 1)], 1, Token);
        Point[] batch = [Number(T0 + 1, 2), Number(T0 + 2, 3) with { Device = "D-2" }];
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(new FailsAt(batch, 1), 3, Token));
        Assert.Equal(1, store.Position);

        await store.WriteAsync(batch, 3, Token);
        Assert.Equal(3, store.Position);
        Assert.Equal([1, 2], (await store.ReadAsync("D-1", "level", T0, T0 + 10, 10, Token)).Select(point => point.Number));
        Assert.Equal([3], (await store.ReadAsync("D-2", "level", T0, T0 + 10, 10, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_by_name()
    {
        await using (await OpenAsync())
        {
        }
        using (var connection = new DuckDB.NET.Data.DuckDBConnection($"Data Source={File}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE meta SET schema = 99";
            command.ExecuteNonQuery();
        }
        await using var store = new DuckDbStore(File);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => store.OpenAsync(Token));
        Assert.Contains("schema 99", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static void Copy(string from, string to)
    {
        if (System.IO.File.Exists(from))
            System.IO.File.Copy(from, to, overwrite: true);
    }

    /// <summary>A list that breaks while it is being read, as the disk may while rows are appended.</summary>
    private sealed class FailsAt(Point[] points, int index) : IReadOnlyList<Point>
    {
        public int Count => points.Length;

        public Point this[int i] => i == index ? throw new IOException("broken on purpose") : points[i];

        public IEnumerator<Point> GetEnumerator() => throw new NotSupportedException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
