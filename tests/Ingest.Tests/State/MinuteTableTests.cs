using Microsoft.Data.Sqlite;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Tests.State;

public sealed class MinuteTableTests : IDisposable
{
    private const int MaxLines = 10;
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly MinuteTable _table;

    public MinuteTableTests()
    {
        _connection.Open();
        StateSchema.Prepare(_connection, ":memory:");
        _table = new MinuteTable(_connection, MaxLines);
    }

    [Fact]
    public void What_was_sent_goes_and_what_is_too_much_makes_room_the_oldest_first()
    {
        Assert.Equal(new MinutesKept(8, 0), Change(after: 0, sent: 0, Minute(1, 4), Minute(2, 4)));
        Assert.Equal(new MinutesKept(4, 0), Change(after: 2, sent: 60_000));
        // 4 + 4 + 4: the oldest makes room.
        Assert.Equal(new MinutesKept(8, 4), Change(after: 2, sent: 60_000, Minute(3, 4), Minute(4, 4)));
        Assert.Equal("180000,240000", Times());
    }

    [Fact]
    public void A_replay_adds_nothing_twice()
    {
        Change(after: 0, sent: 0, Minute(1, 3), Minute(2, 3));
        Assert.Equal(new MinutesKept(6, 0), Change(after: 2, sent: 0, Minute(1, 3), Minute(2, 3)));
        Assert.Equal(new MinutesKept(6, 0), Change(after: 0, sent: 0, Minute(2, 3)));
        using var again = new MinuteTable(_connection, MaxLines);
        Assert.Equal(6, again.Kept.Lines);
    }

    public void Dispose()
    {
        _table.Dispose();
        _connection.Dispose();
    }

    private static SeriesMinute Minute(int number, int lines) => new(number, number * 60_000, [(byte)'a', (byte)'\n'], lines);

    private MinutesKept Change(long after, long sent, params SeriesMinute[] minutes)
    {
        using var transaction = _connection.BeginTransaction();
        var kept = _table.Change(minutes, after, sent, transaction);
        transaction.Commit();
        return _table.Kept = kept;
    }

    private string Times()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT group_concat(time) FROM (SELECT time FROM series_minutes ORDER BY time)";
        return (string)command.ExecuteScalar()!;
    }
}
