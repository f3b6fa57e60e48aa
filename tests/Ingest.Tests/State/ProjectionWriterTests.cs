using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.State;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.State;

public sealed class ProjectionWriterTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly StateDatabase _database;
    private readonly Progress _progress = new();
    private readonly ProjectionWriter _writer;

    public ProjectionWriterTests()
    {
        _database = StateDatabase.Open(_directory.File("state.db"));
        _writer = new ProjectionWriter(_database, new AlarmBook(_database), _progress, NullLogger.Instance);
    }

    [Fact]
    public async Task Nobody_waits_for_a_disk_that_is_busy_but_who_asks_for_what_is_stored()
    {
        await using (var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _database.Path, Pooling = false }.ToString()))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var busy = other.CreateCommand();
            busy.CommandText = "BEGIN IMMEDIATE";
            await busy.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            for (var position = 1; position <= 3; position++)
                Hand(position, 1);
            Assert.Equal(0, _progress.Rules);
            Assert.False(_progress.RulesAsync(3, TestContext.Current.CancellationToken).IsCompleted);
        }
        await _progress.RulesAsync(3, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], _database.Journal(0).Select(row => row.Position));
    }

    [Fact]
    public void Where_nothing_changed_the_position_alone_goes_on_and_is_stored_when_all_is_asked_for()
    {
        _writer.Settle();
        Assert.Equal(0, _database.Position);
        Hand(5, 0);
        _writer.Settle();
        Assert.Equal((5, 5), (_progress.Rules, _database.Position));
        Assert.Equal(T0 + 5, _database.CompleteUntil);
    }

    [Fact]
    public void What_a_full_disk_refused_is_stored_later_in_its_order_and_holds_nobody_up()
    {
        Hand(1, 1);
        _writer.Settle();
        _database.Limit(pages: 1);
        Hand(3000, 2999);
        _writer.Settle();
        Assert.Contains(_database.Path, _writer.Failing, StringComparison.Ordinal);
        Assert.Equal((3000, 1), (_progress.Rules, _database.Position));
        Assert.Equal(T0 + 1, _database.CompleteUntil);

        _database.Limit(pages: int.MaxValue);
        Hand(3001, 1);
        _writer.Settle();
        Assert.Null(_writer.Failing);
        Assert.Equal(Enumerable.Range(1, 3001).Select(position => (long)position), _database.Journal(0).Select(row => row.Position));
    }

    [Fact]
    public void What_nobody_expected_is_told_to_the_next_who_calls()
    {
        _database.Dispose();
        Hand(1, 1);
        Assert.NotNull(Assert.Throws<InvalidOperationException>(() => _writer.Settle()).InnerException);
        Assert.Throws<InvalidOperationException>(() => Hand(2, 1));
    }

    [Fact]
    public void The_end_leaves_nothing_behind()
    {
        Hand(7, 7);
        _writer.Dispose();
        Assert.Equal(7, _database.Journal(0).Count());
        Assert.False(_writer.Settle());
    }

    public void Dispose()
    {
        _writer.Dispose();
        _database.Dispose();
        _directory.Dispose();
    }

    /// <summary>A stretch that ends here and raised so many alarms, one an entry.</summary>
    private void Hand(long position, int alarms)
    {
        var changes = new Changes();
        for (var at = position - alarms + 1; at <= position; at++)
            changes.Transitions.Add(Transition(at, 0, Alarm($"a{at}")));
        _writer.Hand(changes, position, T0 + position);
        Assert.Equal(0, changes.Count);
    }
}
