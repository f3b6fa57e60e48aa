using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Lists of nodes in a real PostgreSQL.</summary>
public sealed class SharedListTests(SharedServer server) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Whoever_comes_first_fills_the_list_and_what_one_node_writes_or_removes_the_other_one_reads()
    {
        var (one, other, elsewhere) = (new Node(server, "fill", "a", "b"), new Node(server, "fill", "x"), new Node(server, "another stream"));
        await one.List.RefreshAsync(isFirst: true);
        await other.List.RefreshAsync(isFirst: true);
        await elsewhere.List.RefreshAsync(isFirst: true);
        Assert.Equal("a b", one.Copy);
        Assert.Equal("a b", other.Copy);
        Assert.Equal("", elsewhere.Copy);

        other.List.Put(new SharedRow("c", "c"));
        await other.List.RefreshAsync();
        await one.List.RefreshAsync();
        Assert.Equal("a b c", one.Copy);
        one.List.Put(new SharedRow("a", null));
        await one.List.RefreshAsync();
        await other.List.RefreshAsync();
        Assert.Equal("b c", other.Copy);
        Assert.Equal(1, other.WholeReads);

        one.List.Note("b", 7);
        one.List.Note("a", 7);
        await one.List.RefreshAsync();
        other.List.Note("b", 5);
        await other.List.RefreshAsync();
        Assert.Equal("b7 c", other.Copy);
    }

    [Fact]
    public async Task In_a_turn_the_copy_is_as_the_table_nobody_else_has_one_and_nobody_waits_to_read()
    {
        var (one, other) = (new Node(server, "turn"), new Node(server, "turn"));
        await one.List.RefreshAsync(isFirst: true);
        await other.List.RefreshAsync(isFirst: true);
        Task<SharedTurn> waiting;
        await using (var turn = await one.List.TurnAsync(CancellationToken.None))
        {
            waiting = other.List.TurnAsync(CancellationToken.None);
            await turn.WriteAsync(new SharedRow("a", "a"));
            Assert.Equal("a", one.Copy);
        }
        await using (await waiting)
            Assert.Equal("a", other.Copy);

        await using (await one.List.TurnAsync(CancellationToken.None))
        {
            Assert.Contains("another node", (await Assert.ThrowsAsync<IOException>(() => other.List.TurnAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
            other.List.Note("a", 1);
            await other.List.RefreshAsync();
            Assert.False(other.List.IsAway);
            Assert.Equal("a", other.Copy);
        }
        // A turn without a change has left none.
        await other.List.RefreshAsync();
        Assert.Equal("a1", other.Copy);
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_the_copy_stays_and_after_it_everything_is_read_anew()
    {
        var (one, other) = (new Node(server, "away", "a"), new Node(server, "away"));
        await one.List.RefreshAsync(isFirst: true);
        await other.List.RefreshAsync(isFirst: true);
        await server.Postgres.CrashAsync();
        await one.List.RefreshAsync();
        Assert.True(one.List.IsAway);
        await Assert.ThrowsAsync<IOException>(() => one.List.TurnAsync(CancellationToken.None));
        one.List.Put(new SharedRow("b", "b"));
        await one.List.RefreshAsync();
        Assert.Equal("a", one.Copy);

        await server.Postgres.StartAgainAsync();
        await one.List.RefreshAsync(isFirst: true);
        Assert.False(one.List.IsAway);
        Assert.Equal(("a b", 2), (one.Copy, one.WholeReads));
        await other.List.RefreshAsync();
        await other.List.RefreshAsync(isFirst: true);
        Assert.Equal("a b", other.Copy);
        Assert.Single(one.Log.All, line => line.Contains("goes on with its copy", StringComparison.Ordinal));
        Assert.Single(one.Log.All, line => line.Contains("follows again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_is_older_than_the_copy_is_read_whole_and_one_that_is_gone_is_filled_from_it()
    {
        var node = new Node(server, "older", "a", "b");
        await node.List.RefreshAsync(isFirst: true);
        node.List.Put(new SharedRow("c", "c"));
        await node.List.RefreshAsync();
        await using var postgres = server.Connect();
        await using (var older = postgres.CreateCommand("DELETE FROM shared_row WHERE stream = 'older' AND key = 'c'; UPDATE shared_list SET change = 1 WHERE stream = 'older'"))
            await older.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await node.List.RefreshAsync();
        Assert.Equal("a b", node.Copy);
        await using (var gone = postgres.CreateCommand("DELETE FROM shared_row WHERE stream = 'older'; DELETE FROM shared_list WHERE stream = 'older'"))
            await gone.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await node.List.RefreshAsync();
        var next = new Node(server, "older");
        await next.List.RefreshAsync(isFirst: true);
        Assert.Equal("a b", next.Copy);
    }

    [Fact]
    public async Task What_its_reader_could_not_store_it_is_given_again()
    {
        var node = new Node(server, "again", "a") { Fails = true };
        await node.List.RefreshAsync(isFirst: true);
        Assert.True(node.List.IsAway);
        node.Fails = false;
        await node.List.RefreshAsync(isFirst: true);
        Assert.Equal(("a", false), (node.Copy, node.List.IsAway));
    }

    /// <summary>Values as its copy has them, each with its last use.</summary>
    private sealed class Node
    {
        private readonly SortedDictionary<string, SharedRow> _copy = new(StringComparer.Ordinal);

        public Node(SharedServer server, string stream, params string[] own)
        {
            List = server.Lists(stream, Log).People;
            foreach (var key in own)
                _copy[key] = new SharedRow(key, key);
            List.Copy(() => [.. _copy.Values], Take);
        }

        public LogLines Log { get; } = new();

        public SharedList List { get; }

        public bool Fails { get; set; }

        public int WholeReads { get; private set; }

        public string Copy => string.Join(' ', _copy.Values.Select(row => row.Noted == 0 ? row.Value : FormattableString.Invariant($"{row.Value}{row.Noted}")));

        private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
        {
            if (Fails)
                throw new IOException("disk full");
            if (isWhole)
            {
                WholeReads++;
                _copy.Clear();
            }
            foreach (var row in rows)
            {
                if (row.Value is null)
                    _copy.Remove(row.Key);
                else
                    _copy[row.Key] = row;
            }
        }
    }
}
