using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>A provider has a call in hand while the service stops: the person's phone rings already.</summary>
public sealed class StoppingTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.T0));
    private readonly OutboxDatabase _outbox;
    private readonly CancellationTokenSource _stop = new();

    public StoppingTests() => _outbox = OutboxDatabase.Open(_directory.File("notify.db"));

    public void Dispose()
    {
        _stop.Dispose();
        _outbox.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_call_that_is_under_way_is_let_end_and_not_made_again_after_the_start()
    {
        await using var provider = await Receiver.StartAsync();
        var answers = new TaskCompletionSource();
        provider.BeforeYes = () => answers.Task;
        using var http = new HttpCaller([]);
        _outbox.Commit("log", 1, [Call(1)], []);
        var running = Sender(provider, http).RunAsync(_stop.Token);
        await Wait.ForAsync("a call", () => provider.Taken.Count == 1);
        _outbox.Commit("log", 2, [Call(2)], []);
        await _stop.CancelAsync();
        _time.Advance(ChannelSender.Grace - TimeSpan.FromMilliseconds(1));
        Assert.False(running.IsCompleted);
        answers.SetResult();
        await running.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        // What was not begun waits for the next start.
        Assert.Equal("t2.wang.0", Assert.Single(_outbox.Waiting(10)).Message.Key);

        using var again = new CancellationTokenSource();
        var next = Sender(provider, http).RunAsync(again.Token);
        await Wait.ForAsync("the other call", () => _outbox.Open().Count == 0);
        await again.CancelAsync();
        await next;
        Assert.Equal(["t1.wang.0", "t2.wang.0"], provider.Taken.Select(call => call.Key));
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_holds_up_the_stop_for_three_seconds_and_the_call_is_made_again()
    {
        await using var provider = await Receiver.StartAsync(_ => Answer.TimeOut);
        using var http = new HttpCaller([]);
        _outbox.Commit("log", 1, [Call(1)], []);
        var running = Sender(provider, http).RunAsync(_stop.Token);
        await Wait.ForAsync("a call", () => provider.All.Count == 1);
        await _stop.CancelAsync();
        Assert.False(running.IsCompleted);
        _time.Advance(ChannelSender.Grace);
        await running.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        var waiting = Assert.Single(_outbox.Waiting(10));
        Assert.Equal(("t1.wang.0", 0), (waiting.Message.Key, waiting.Tries));
    }

    private static OutboxMessage Call(int number) => Letters.Message(number, MessageKind.Call).For("sms");

    private ChannelSender Sender(Receiver provider, HttpCaller http) =>
        new(new ProviderChannel("sms", Letters.Provider(provider.Url), envelope => envelope.Text.Sms(envelope.Code), http), _outbox, Letters.Of, () => _time.GetUtcNow().ToUnixTimeMilliseconds(), new DeliveryStats(), _ => { }, _time, NullLogger.Instance);
}
