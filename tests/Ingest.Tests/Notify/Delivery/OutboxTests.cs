using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>The outbox and its senders under a clock of the test's own, and channels that do as they are told.</summary>
public sealed class OutboxTests : IDisposable
{
    private const string Log = "0123456789abcdef";

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.T0));

    public void Dispose() => _directory.Dispose();

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers at once, as it is told; a yes it remembers.</summary>
    private sealed class ScriptedChannel(string name, Func<Envelope, Outcome> answer) : INotifyChannel
    {
        public ConcurrentQueue<string> Taken { get; } = new();

        public string Name => name;

        public int AtOnce => 8;

        public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            var outcome = answer(envelope);
            if (outcome.Verdict == Verdict.Sent)
                Taken.Enqueue(envelope.Key);
            return Task.FromResult(outcome);
        }
    }

    private ChannelSender Sender(OutboxDatabase outbox, INotifyChannel channel, List<string>? changes = null) =>
        new(channel, outbox, Letters.Of, () => Now, new DeliveryStats(), sender => changes?.Add($"{sender.Name} {(sender.Circuit.DeadSince is null ? "works" : "dead")}"), _time, NullLogger.Instance);

    private async Task RoundAsync(params ChannelSender[] senders)
    {
        foreach (var sender in senders)
        {
            sender.Look(CancellationToken.None);
            await sender.UnderWayAsync();
        }
    }

    [Fact]
    public async Task What_is_past_is_sent_to_nobody_and_its_history_says_so()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("past.db"));
        outbox.Commit("log", 1, [Letters.Message(1).For("sms"), Letters.Message(2).For("sms")], []);
        var sent = new List<string>();
        var sender = new ChannelSender(
            new ScriptedChannel("sms", envelope =>
            {
                sent.Add(envelope.Key);
                return Outcome.Sent;
            }), outbox, Letters.Of, () => 1_000, new DeliveryStats(), _ => { }, TimeProvider.System, NullLogger.Instance) { IsPast = delivery => delivery.Message.Key == "t1.wang.0" };
        sender.Look(CancellationToken.None);
        await sender.UnderWayAsync();

        Assert.Equal("t2.wang.0", Assert.Single(sent));
        Assert.Equal(["withdrawn"], outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id).Select(attempt => attempt.Result));
        Assert.Equal(0, outbox.Open().Count);
    }

    [Fact]
    public async Task A_mistake_at_one_look_is_shown_and_the_next_look_sends()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("mistake.db"));
        outbox.Commit("log", 1, [Letters.Message(1).For("sms")], []);
        var (sent, looks) = (new TaskCompletionSource(), 0);
        var (stats, shown) = (new DeliveryStats(), (string?)null);
        var sender = new ChannelSender(
            new ScriptedChannel("sms", _ =>
            {
                sent.TrySetResult();
                return Outcome.Sent;
            }), outbox, Letters.Of, () => 1_000, stats, _ => { }, TimeProvider.System, NullLogger.Instance)
        {
            IsPast = _ =>
            {
                if (looks++ == 0)
                    throw new InvalidOperationException("a mistake");
                shown ??= stats.OutboxFailing;
                return false;
            },
        };
        using var stopping = new CancellationTokenSource();
        var running = sender.RunAsync(stopping.Token);
        await Wait.ForAsync("the message", () => sent.Task.IsCompleted);
        Assert.Equal("a mistake", shown);
        await Wait.ForAsync("all is well", () => stats.OutboxFailing is null);
        await stopping.CancelAsync();
        await Task.WhenAny(running);
    }

    [Fact]
    public async Task While_the_outbox_takes_nothing_nobody_is_called_twice_and_what_came_of_it_is_written_down_once_it_does()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [Letters.Message(1).For("voice"), Letters.Message(2).For("voice")], []);
        var words = new string('x', 200_000);
        var second = 0;
        var voice = new ScriptedChannel("voice", envelope => envelope.Key == "t1.wang.0" || ++second > 1 ? Outcome.Sent with { Detail = words } : Outcome.Failed(words));
        var sender = Sender(outbox, voice);
        outbox.Limit(1);
        using var stop = new CancellationTokenSource();
        var running = sender.RunAsync(stop.Token);
        await Wait.ForAsync("both attempts", () => voice.Taken.Count == 1 && second == 1);
        // What failed is tried again after its wait, as ever.
        await Wait.ForAsync("the second one", () => { _time.Advance(TimeSpan.FromMilliseconds(200)); return voice.Taken.Contains("t2.wang.0"); });
        Assert.Equal(2, outbox.Waiting(10).Count);

        outbox.Limit(100_000);
        await Wait.ForAsync("written down", () => { _time.Advance(TimeSpan.FromMilliseconds(200)); return outbox.Waiting(10).Count == 0; });
        await stop.CancelAsync();
        await running;
        Assert.Equal(["t1.wang.0", "t2.wang.0"], voice.Taken);
        Assert.Equal("sent", Assert.Single(outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id)).Result);
    }

    [Fact]
    public async Task What_came_of_an_earlier_attempt_is_not_written_over_what_came_of_a_later_one()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [Letters.Message(1).For("voice")], []);
        var attempts = 0;
        var voice = new ScriptedChannel("voice", _ =>
        {
            if (++attempts == 1)
                return Outcome.Failed(new string('x', 200_000));
            outbox.Limit(100_000);
            return Outcome.Sent;
        });
        var sender = Sender(outbox, voice);
        outbox.Limit(1);
        using var stop = new CancellationTokenSource();
        var running = sender.RunAsync(stop.Token);
        await Wait.ForAsync("sent", () => { _time.Advance(TimeSpan.FromMilliseconds(200)); return outbox.Waiting(10).Count == 0; });
        var looked = _time.GetUtcNow();
        // Long enough for another attempt by what the first one left.
        await Wait.ForAsync("a minute", () => { _time.Advance(TimeSpan.FromSeconds(5)); return _time.GetUtcNow() - looked > TimeSpan.FromMinutes(1); });
        await stop.CancelAsync();
        await running;
        Assert.Equal((2, 0), (attempts, outbox.Waiting(10).Count));
        Assert.Equal("sent", outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id)[^1].Result);
    }

    [Fact]
    public async Task A_storm_of_messages_waits_for_no_clock()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [.. Enumerable.Range(1, 50).Select(number => Letters.Message(number).For("voice"))], []);
        var voice = new ScriptedChannel("voice", _ => Outcome.Sent);
        using var stop = new CancellationTokenSource();
        var running = Sender(outbox, voice).RunAsync(stop.Token);
        await Wait.ForAsync("all sent", () => voice.Taken.Count == 50);
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, outbox.Open().Count);
    }

    [Fact]
    public async Task What_fails_goes_on_by_the_next_channel_and_every_attempt_stands_in_the_alarms_history()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 7, [Letters.Message(1).For("voice", "sms")], []);
        var (voice, sms) = (Sender(outbox, new ScriptedChannel("voice", _ => Outcome.Failed("http 500"))), Sender(outbox, new ScriptedChannel("sms", _ => Outcome.Sent)));
        for (var second = 0; second <= 20; second++)
        {
            await RoundAsync(voice, sms);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var history = outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id);
        Assert.All(history, attempt => Assert.Equal(("t1.wang.0", "王伟"), (attempt.Key, attempt.To)));
        Assert.Equal(("sms", "sent"), (history[^1].Channel, history[^1].Result));
        Assert.All(history.SkipLast(1), attempt => Assert.Equal(("voice", "failed", "http 500"), (attempt.Channel, attempt.Result, attempt.Detail)));
        Assert.Equal(Enumerable.Range(1, history.Count), history.Select(attempt => attempt.Tries));
        Assert.True(history[^1].At <= Samples.T0 + 20_000);
        Assert.Equal(new OpenDeliveries(0, null), outbox.Open());
    }

    [Fact]
    public async Task A_dead_channel_is_passed_by_until_one_message_has_gone_through()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        var broken = true;
        var changes = new List<string>();
        var (voice, sms) = (new ScriptedChannel("voice", _ => broken ? Outcome.TimedOut : Outcome.Sent), new ScriptedChannel("sms", _ => Outcome.Sent));
        ChannelSender[] senders = [Sender(outbox, voice, changes), Sender(outbox, sms, changes)];
        outbox.Commit(Log, 1, [.. Enumerable.Range(1, 5).Select(number => Letters.Message(number).For("voice", "sms"))], []);
        await RoundAsync(senders);
        Assert.Equal(["voice dead"], changes);

        // Nobody waits for it now.
        outbox.Commit(Log, 2, [Letters.Message(6).For("voice", "sms")], []);
        await RoundAsync(senders);
        Assert.Contains("t6.wang.0", sms.Taken);
        Assert.Equal("channel_dead", outbox.OfAlarm(Letters.Message(6).Places[0].Alarm.Id)[0].Result);

        broken = false;
        _time.Advance(TimeSpan.FromSeconds(31));
        outbox.Commit(Log, 3, [Letters.Message(7).For("voice", "sms")], []);
        await RoundAsync(senders);
        Assert.Contains("t7.wang.0", voice.Taken);
        Assert.Equal(["voice dead", "voice works"], changes);
    }

    [Fact]
    public void A_message_that_is_made_again_is_there_once_and_stays_as_it_is()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [Letters.Message(1).For("sms"), Letters.Message(1).For("sms")], [new StateRow("1/a", "{}")]);
        outbox.Commit(Log, 1, [Letters.Message(1).For("mail")], [new StateRow("1/a", null), new StateRow("1/b", "{}")]);
        Assert.Single(outbox.Due("sms", Now, 10));
        Assert.Empty(outbox.Due("mail", Now, 10));
        Assert.Equal([new StateRow("1/b", "{}")], outbox.Escalation());
        Assert.Equal((1L, (long?)null), (outbox.PositionIn(Log), outbox.PositionIn("another")));
    }

    [Fact]
    public void Whoever_can_be_told_by_no_channel_is_said_to_be_so()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [Letters.Message(1).For(), Letters.Message(2).For("voice", "sms"), Letters.Message(3).For("voice")], []);
        Assert.Equal("no_channel", Assert.Single(outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id)).Result);
        // The next start has no voice any more.
        outbox.Keep(["sms"], Now);
        Assert.Equal("t2.wang.0", Assert.Single(outbox.Due("sms", Now, 10)).Message.Key);
        Assert.Equal(["no_channel", "given_up"], outbox.OfAlarm(Letters.Message(3).Places[0].Alarm.Id).Select(attempt => attempt.Result));
    }

    [Fact]
    public void What_is_done_goes_after_its_time_and_what_is_open_stays()
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        outbox.Commit(Log, 1, [Letters.Message(1).For(), Letters.Message(2).For("sms")], []);
        outbox.Prune(Samples.T0 + 1);
        Assert.Empty(outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id));
        Assert.Equal("waiting", Assert.Single(outbox.OfAlarm(Letters.Message(2).Places[0].Alarm.Id)).Result);
    }

    [Fact]
    public void A_message_keeps_its_link_and_its_code_through_a_restart_and_no_two_of_a_persons_share_a_code()
    {
        // More than the square root of 10,000 codes: by the hash of the key alone some would meet.
        var messages = Enumerable.Range(0, 400).Select(number => Letters.Message(number)).ToList();
        List<(string Code, string Link)> before;
        using (var outbox = OutboxDatabase.Open(_directory.File("notify.db")))
        {
            outbox.Commit(Log, 1, [.. messages.Select(message => message.For("sms"))], []);
            before = [.. outbox.Due("sms", Now, 1000).Select(delivery => (delivery.Code, delivery.Link))];
            outbox.Commit(Log, 1, [messages[0].For("sms")], []);
        }
        using var again = OutboxDatabase.Open(_directory.File("notify.db"));
        Assert.Equal(before, again.Due("sms", Now, 1000).Select(delivery => (delivery.Code, delivery.Link)));
        Assert.Equal((400, 400), (before.Select(one => one.Code).Distinct().Count(), before.Select(one => one.Link).Distinct().Count()));
        Assert.All(before, one => Assert.Equal((4, 11), (one.Code.Length, one.Link.Length)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File("notify.db")));
        Assert.Equal("t7.wang.0", again.ByLink(before[7].Link)!.Message.Key);
        Assert.Equal("t7.wang.0", again.ByCode("wang", before[7].Code)!.Message.Key);
        Assert.Null(again.ByCode("li", before[7].Code));
        Assert.Equal(before[7].Link, again.ByKey("wang", "t7.wang.0")!.Link);
    }

    [Fact]
    public void What_an_earlier_version_left_open_gets_its_link_and_what_is_done_needs_none()
    {
        using (var outbox = OutboxDatabase.Open(_directory.File("notify.db")))
            outbox.Commit(Log, 1, [Letters.Message(1).For("sms"), Letters.Message(2).For()], []);
        MakeVersion1(_directory.File("notify.db"));
        using var again = OutboxDatabase.Open(_directory.File("notify.db"));
        var left = Assert.Single(again.Due("sms", Now, 10));
        Assert.Equal("t1.wang.0", again.ByLink(left.Link)!.Message.Key);
        Assert.Null(again.ByKey("wang", "t2.wang.0"));
    }

    private static void MakeVersion1(string path)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TABLE answers; DROP TABLE replies; PRAGMA user_version = 1";
        command.ExecuteNonQuery();
    }

    private sealed record Storm(int[] Messages, int[] Voice, int[] Sms, int[] Restarts);

    private static readonly Gen<Storm> Storms = Gen.Select(Gen.Int[0, 3].Array[1, 12], Gen.Int[0, 9].Array[1, 30], Gen.Int[0, 9].Array[1, 30], Gen.Int[1, 60].Array[0, 4], (messages, voice, sms, restarts) => new Storm(messages, voice, sms, restarts));

    /// <summary>Two of ten are a yes at first; in the end all are.</summary>
    private static Func<Envelope, Outcome> Script(int[] script, Func<bool> calm)
    {
        var next = 0;
        return _ => calm() ? Outcome.Sent : script[next++ % script.Length] switch
        {
            0 or 1 => Outcome.Sent,
            2 => Outcome.Busy("http 429", TimeSpan.FromSeconds(3)),
            3 => Outcome.BadAnswer("no code"),
            4 => Outcome.Denied("http 401"),
            _ => Outcome.TimedOut,
        };
    }

    [Fact]
    public void Of_a_random_storm_over_random_failures_and_restarts_every_message_arrives_under_its_own_key() => Storms.Repeatably().Sample(
        storm =>
        {
            using var directory = new TempDirectory();
            var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(Samples.T0));
            long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
            var second = 0;
            ScriptedChannel[] channels = [new("voice", Script(storm.Voice, () => second > 120)), new("sms", Script(storm.Sms, () => second > 120))];
            var outbox = OutboxDatabase.Open(directory.File("notify.db"));
            ChannelSender[] Senders() => [.. channels.Select(channel => new ChannelSender(channel, outbox, Letters.Of, Now, new DeliveryStats(), _ => { }, time, NullLogger.Instance))];
            var senders = Senders();
            try
            {
                for (; second < 1000 && (second < storm.Messages.Length || outbox.Open().Count > 0); second++)
                {
                    if (second < storm.Messages.Length)
                        outbox.Commit(Log, second, [Letters.Message(second, (MessageKind)storm.Messages[second]).For("voice", "sms")], []);
                    if (storm.Restarts.Contains(second))
                    {
                        outbox.Dispose();
                        outbox = OutboxDatabase.Open(directory.File("notify.db"));
                        senders = Senders();
                    }
                    foreach (var sender in senders)
                    {
                        sender.Look(CancellationToken.None);
                        sender.UnderWayAsync().GetAwaiter().GetResult();
                    }
                    time.Advance(TimeSpan.FromSeconds(1));
                }
                var taken = channels.SelectMany(channel => channel.Taken).ToList();
                Assert.Equal(storm.Messages.Select((_, number) => $"t{number}.wang.0").Order(StringComparer.Ordinal), taken.Distinct().Order(StringComparer.Ordinal));
                // What was recorded as sent is not sent again: here no process ends between the two.
                Assert.Equal(taken.Count, taken.Distinct().Count());
            }
            finally
            {
                outbox.Dispose();
            }
        },
        iter: 40);
}
