using System.Collections.Concurrent;
using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Gateways;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Gateways;

public class AlarmPublisherTests
{
    [Fact]
    public async Task An_alarm_is_retained_until_it_is_normal_and_then_emptied()
    {
        await using var publisher = new Publisher();
        publisher.Says(Alarm());
        await publisher.SentAsync(1);
        publisher.Says(Alarm() with { State = AlarmState.ClearedUnacknowledged });
        await publisher.SentAsync(2);
        publisher.Says(Alarm() with { State = AlarmState.Normal });
        await publisher.SentAsync(3);

        Assert.Equal(
            [
                ("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", "active_unacknowledged", true),
                ("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", "cleared_unacknowledged", true),
                ("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", null, true),
            ],
            publisher.Sent);
    }

    [Fact]
    public async Task What_is_open_at_the_start_is_retained_again()
    {
        await using var publisher = new Publisher(Alarm() with { District = null, Instance = "2", Rule = "fail_to_start" });

        await publisher.SentAsync(1);

        Assert.Equal([("alarms/v1/_/manhole_cover/mc-1/fail_to_start/2", "active_unacknowledged", true)], publisher.Sent);
    }

    [Fact]
    public async Task A_device_that_moves_leaves_its_old_topic_empty()
    {
        await using var publisher = new Publisher(Alarm());
        await publisher.SentAsync(1);

        publisher.Says(Alarm() with { District = "Xihu", State = AlarmState.ActiveAcknowledged });
        await publisher.SentAsync(3);

        Assert.Equal(
            [("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", null, true), ("alarms/v1/Xihu/manhole_cover/mc-1/cover_open", "active_acknowledged", true)],
            publisher.Sent.Skip(1));
    }

    [Fact]
    public async Task An_occurrence_that_ends_because_the_next_begins_does_not_empty_the_topic()
    {
        await using var publisher = new Publisher(Alarm());
        await publisher.SentAsync(1);

        publisher.Says(Alarm() with { Id = "second" });
        publisher.Says(Alarm() with { State = AlarmState.Normal });
        publisher.Says(Alarm() with { Rule = "last" });
        await publisher.UntilAsync(sent => sent.Any(s => s.Topic.EndsWith("/last", StringComparison.Ordinal)));

        Assert.DoesNotContain(publisher.Sent, s => s.State is null);
    }

    [Fact]
    public async Task Where_publishing_falls_behind_the_last_state_of_a_topic_goes_out()
    {
        await using var publisher = new Publisher();
        publisher.Block();
        publisher.Says(Alarm());
        await publisher.BlockedAsync(1);
        for (var i = 0; i < 1000; i++)
            publisher.Says(Alarm() with { State = i % 2 == 0 ? AlarmState.ActiveUnacknowledged : AlarmState.ActiveAcknowledged });
        publisher.Unblock();
        await publisher.SentAsync(2);

        Assert.Equal("active_acknowledged", publisher.Sent[^1].State);
        Assert.Equal(2, publisher.Sent.Count);
    }

    [Fact]
    public async Task A_broker_that_answers_late_is_given_eight_alarms_at_once_and_those_that_wait_longest_first()
    {
        await using var publisher = new Publisher();
        publisher.Block();
        for (var i = 0; i < 20; i++)
            publisher.Says(Alarm() with { Rule = $"rule_{i:D2}" });
        await publisher.BlockedAsync(8);
        var asked = publisher.Asked;
        publisher.Unblock();
        await publisher.SentAsync(20);

        Assert.Equal(Enumerable.Range(0, 8).Select(Topic), asked.Order());
        Assert.Equal(Enumerable.Range(0, 20).Select(Topic), publisher.Asked.Order());

        static string Topic(int i) => $"alarms/v1/Donghu/manhole_cover/mc-1/rule_{i:D2}";
    }

    [Fact]
    public async Task What_could_not_be_published_waits_for_the_broker_and_goes_out_as_it_is_then()
    {
        await using var publisher = new Publisher();
        publisher.Refuse();
        publisher.Says(Alarm());
        publisher.Says(Alarm() with { Rule = "event", Kind = AlarmKind.Event, State = AlarmState.Normal });
        await publisher.RefusedAsync(2);
        publisher.Says(Alarm() with { State = AlarmState.ActiveAcknowledged });
        publisher.Accept();
        publisher.Reconcile();
        await publisher.UntilAsync(sent => sent.Select(one => one.Topic).Distinct().Count() == 2);

        Assert.Equal(
            [("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", "active_acknowledged", true), ("alarms/v1/Donghu/manhole_cover/mc-1/event", "normal", false)],
            publisher.Sent.Distinct().OrderBy(sent => sent.Topic));
    }

    [Fact]
    public async Task What_fails_while_the_broker_comes_back_does_not_wait_for_the_next_time()
    {
        await using var publisher = new Publisher();
        publisher.Block();
        publisher.Refuse();
        publisher.Says(Alarm() with { Rule = "event", Kind = AlarmKind.Event, State = AlarmState.Normal });
        await publisher.BlockedAsync(1);
        publisher.Reconcile();
        publisher.Unblock(accept: true);
        await publisher.SentAsync(1);

        Assert.Equal([("alarms/v1/Donghu/manhole_cover/mc-1/event", "normal", false)], publisher.Sent);
    }

    [Fact]
    public async Task An_event_is_told_and_not_retained()
    {
        await using var publisher = new Publisher();

        publisher.Says(Alarm() with { Kind = AlarmKind.Event, State = AlarmState.Normal });
        await publisher.SentAsync(1);

        Assert.Equal([("alarms/v1/Donghu/manhole_cover/mc-1/cover_open", "normal", false)], publisher.Sent);
    }

    [Fact]
    public void A_district_can_not_break_out_of_its_level() =>
        Assert.Equal("alarms/v1/a_b__/manhole_cover/mc-1/cover_open", AlarmTopics.Of(Alarm() with { District = "a/b+#" }));

    private static Alarm Alarm() => new()
    {
        Id = "first",
        Device = "mc-1",
        Family = "manhole_cover",
        District = "Donghu",
        Rule = "cover_open",
        Kind = AlarmKind.Alarm,
        Severity = Severity.Critical,
        State = AlarmState.ActiveUnacknowledged,
        RaisedAt = 0,
        RaisedReceivedAt = 0,
        RuleVersion = "0",
    };

    private sealed class Publisher : IAsyncDisposable
    {
        private readonly AlarmFeed _feed = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<(string Topic, string? State, bool Retain)> _sent = new();
        private readonly ConcurrentQueue<string> _asked = new();
        private readonly SemaphoreSlim _one = new(0);
        private readonly AlarmPublisher _publisher;
        private readonly Task _running;
        private volatile TaskCompletionSource? _block;
        private volatile bool _refuses;
        private int _blocked;
        private int _refused;

        public Publisher(params Alarm[] open)
        {
            _publisher = new AlarmPublisher(_feed, () => open, _ => null, SendAsync);
            _running = _publisher.RunAsync(_stop.Token);
        }

        public IReadOnlyList<(string Topic, string? State, bool Retain)> Sent => [.. _sent];

        public IReadOnlyList<string> Asked => [.. _asked];

        public void Says(Alarm alarm) => _feed.Publish(new AlarmTransition(1, 0, "t", AlarmState.Normal, alarm.State, 0, 0, "raised", alarm));

        public void Reconcile() => _publisher.Reconcile(new Dictionary<string, byte[]>());

        public void Block() => _block = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task BlockedAsync(int count) => UntilAsync(_ => Volatile.Read(ref _blocked) == count);

        /// <param name="accept">What comes from now on; what is blocked meets what stood before.</param>
        public void Unblock(bool accept = false)
        {
            var block = _block!;
            _block = null;
            if (accept)
                _refuses = false;
            block.SetResult();
        }

        public void Refuse() => _refuses = true;

        public void Accept() => _refuses = false;

        public Task RefusedAsync(int count) => UntilAsync(_ => Volatile.Read(ref _refused) == count);

        public Task SentAsync(int count) => UntilAsync(sent => sent.Count >= count);

        public async Task UntilAsync(Func<IReadOnlyCollection<(string Topic, string? State, bool Retain)>, bool> condition)
        {
            using var deadline = new CancellationTokenSource(Wait.Longest);
            while (!condition(_sent))
                await _one.WaitAsync(deadline.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
            _one.Dispose();
        }

        private async Task<bool> SendAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken)
        {
            var refuses = _refuses;
            _asked.Enqueue(topic);
            if (_block is { } block)
            {
                Interlocked.Increment(ref _blocked);
                _one.Release();
                await block.Task;
            }
            if (refuses)
                Interlocked.Increment(ref _refused);
            else
                _sent.Enqueue((topic, payload.IsEmpty ? null : JsonDocument.Parse(payload).RootElement.GetProperty("state").GetString(), retain));
            _one.Release();
            return !refuses;
        }
    }
}
