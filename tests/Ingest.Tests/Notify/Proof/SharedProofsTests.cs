using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Cluster.Owner;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Proof;

/// <summary>Tests of channels by nodes that share them in a real PostgreSQL.</summary>
public sealed class SharedProofsTests(SharedServer server) : IClassFixture<SharedServer>
{
    private static readonly NotifyFile File = Files.Right(Files.Small + "\nproof: {day: monday, at: \"10:00\", to: duty, within: 2h}");

    [Fact]
    public async Task What_one_node_asks_for_every_node_has_to_send_and_any_of_them_hears_the_answer()
    {
        using Node one = Join("asked"), other = Join("asked");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        var proof = Assert.Single(await one.Proofs.SendAsync("Chen", "sms", CancellationToken.None));
        Assert.Equal("too_soon", (await Assert.ThrowsAsync<ApiException>(() => other.Proofs.SendAsync("Li", "sms", CancellationToken.None))).Reason);
        foreach (var node in (Node[])[one, other])
        {
            var delivery = Assert.Single(node.Outbox.Due("sms", node.Now, 10));
            Assert.Equal((proof.Key, proof.Code), (delivery.Message.Key, delivery.Message.ProofCode));
        }

        Assert.Equal("Li", (await other.Proofs.ConfirmAsync(proof.Id, "Li", proof.Code)).ConfirmedBy);
        await other.ReadAsync();
        await one.ReadAsync();
        Assert.Equal(("confirmed", "Li"), (one.Proofs.States().Single(state => state.Channel == "sms").Word, one.Outbox.Proofs()[0].ConfirmedBy));

        // Whoever comes later knows it, and tells nobody of what is over.
        using var late = Join("asked");
        await late.ReadAsync(isFirst: true);
        Assert.Equal("Li", Assert.Single(late.Outbox.Proofs()).ConfirmedBy);
        Assert.Empty(late.Outbox.Waiting(10));
    }

    [Fact]
    public async Task Whoever_was_called_may_answer_before_the_node_that_hears_it_has_looked()
    {
        using Node one = Join("quick"), other = Join("quick");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        var proof = Assert.Single(await one.Proofs.SendAsync("Chen", "sms", CancellationToken.None));
        Assert.Equal("Li", (await other.Proofs.ConfirmAsync(proof.Id, "Li", proof.Code)).ConfirmedBy);
        Assert.Equal("unknown_proof", (await Assert.ThrowsAsync<ApiException>(() => other.Proofs.ConfirmAsync("1.sms", "Li", proof.Code))).Reason);
    }

    [Fact]
    public async Task Two_that_both_take_themselves_for_the_owner_make_the_weeks_test_once()
    {
        using Node one = Join("weekly"), other = Join("weekly");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        await Task.WhenAll(Task.Run(() => one.Proofs.LookAsync(CancellationToken.None)), Task.Run(() => other.Proofs.LookAsync(CancellationToken.None)));
        await one.ReadAsync();
        await other.ReadAsync();
        Assert.Equal(["sms", "voice"], one.Outbox.Proofs().Select(proof => proof.Channel));
        Assert.Equal(one.Outbox.Proofs(), other.Outbox.Proofs());
    }

    [Fact]
    public async Task The_next_owner_ends_the_alarm_of_the_one_before()
    {
        using Node one = Join("alarm"), other = Join("alarm");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        await one.Proofs.LookAsync(CancellationToken.None);
        one.Time.Advance(TimeSpan.FromHours(2));
        await one.Proofs.LookAsync(CancellationToken.None);
        Assert.StartsWith("channel_unproven True", Assert.Single(one.Said), StringComparison.Ordinal);

        other.Time.Advance(TimeSpan.FromHours(2));
        other.Stands = true;
        await other.ReadAsync();
        await other.Proofs.LookAsync(CancellationToken.None);
        Assert.Empty(other.Said);
        foreach (var proof in other.Outbox.Proofs())
            await other.Proofs.ConfirmAsync(proof.Id, "Chen", proof.Code);
        await other.Proofs.LookAsync(CancellationToken.None);
        Assert.Equal(["channel_unproven False all channels are proved"], other.Said);
    }

    [Fact]
    public async Task A_node_that_does_not_know_what_the_others_have_sent_sends_nothing()
    {
        using var node = Join("away");
        await node.Proofs.LookAsync(CancellationToken.None);
        await Assert.ThrowsAsync<IOException>(() => node.Proofs.SendAsync("Chen", null, CancellationToken.None));
        Assert.Empty(node.Outbox.Proofs());
        await node.ReadAsync(isFirst: true);
        await node.Proofs.LookAsync(CancellationToken.None);
        Assert.Equal(2, node.Outbox.Proofs().Count);
    }

    private Node Join(string stream) => new(server, stream);

    private sealed class Node : IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly LogLines _log = new();
        private readonly SharedLists _lists;

        public Node(SharedServer server, string stream)
        {
            Outbox = OutboxDatabase.Open(_directory.File("notify.db"));
            _lists = server.Lists(stream, _log);
            var source = new NotifySource(File, new ServiceOptions(), new FamilyCatalog([]), Time, NullLogger<NotifySource>.Instance);
            Proofs = new Proofs(source, new ProofBook(Outbox, _lists.Proofs, Time), ["voice", "sms"], Append, () => Stands, Ownership.Alone, () => Now, Time, NullLogger.Instance);

            ValueTask<Task<long>> Append(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
            {
                Said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Rule} {entry.Active} {entry.Detail}"));
                return ValueTask.FromResult(Task.FromResult(1L));
            }
        }

        // A Monday far off: PostgreSQL's rows end by the machine's clock.
        public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(Files.At("2099-12-07 10:00")));

        public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

        public OutboxDatabase Outbox { get; }

        public Proofs Proofs { get; }

        public bool Stands { get; set; }

        public List<string> Said { get; } = [];

        public Task ReadAsync(bool isFirst = false) => _lists.Proofs.RefreshAsync(isFirst);

        public void Dispose()
        {
            Proofs.Dispose();
            _lists.Dispose();
            Outbox.Dispose();
            _log.Dispose();
            _directory.Dispose();
        }
    }
}
