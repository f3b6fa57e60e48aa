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
        publisher.Says(Alarm() with { Rule = "first" });
        await publisher.BlockedAsync();
        for (var i = 0; i < 1000; i++)
            publisher.Says(Alarm() with { State = i % 2 == 0 ? AlarmState.ActiveUnacknowledged : AlarmState.ActiveAcknowledged });
        publisher.Unblock();
        await publisher.SentAsync(2);

        Assert.Equal("active_acknowledged", publisher.Sent[^1].State);
        Assert.Equal(2, publisher.Sent.Count);
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
        private readonly SemaphoreSlim _one = new(0);
        private readonly TaskCompletionSource _blocked = new();
        private readonly Task _running;
        private TaskCompletionSource? _block;

        public Publisher(params Alarm[] open) =>
            _running = new AlarmPublisher(_feed, () => open, _ => null, SendAsync).RunAsync(_stop.Token);

        public IReadOnlyList<(string Topic, string? State, bool Retain)> Sent => [.. _sent];

        public void Says(Alarm alarm) => _feed.Publish(new AlarmTransition(1, 0, "t", AlarmState.Normal, alarm.State, 0, 0, "raised", alarm));

        public void Block() => _block = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task BlockedAsync() => _blocked.Task;

        public void Unblock() => _block!.SetResult();

        public Task SentAsync(int count) => UntilAsync(sent => sent.Count >= count);

        public async Task UntilAsync(Func<IReadOnlyCollection<(string Topic, string? State, bool Retain)>, bool> condition)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
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
            if (_block is not null)
            {
                _blocked.TrySetResult();
                await _block.Task;
            }
            _sent.Enqueue((topic, payload.IsEmpty ? null : JsonDocument.Parse(payload).RootElement.GetProperty("state").GetString(), retain));
            _one.Release();
            return true;
        }
    }
}
