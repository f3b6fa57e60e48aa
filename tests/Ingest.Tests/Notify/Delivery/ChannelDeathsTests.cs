using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>What the log is told of channels that die and work again.</summary>
public sealed class ChannelDeathsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly List<string> _said = [];
    private OutboxDatabase _outbox;

    public ChannelDeathsTests() => _outbox = OutboxDatabase.Open(_directory.File("notify.db"));

    public void Dispose()
    {
        _outbox.Dispose();
        _directory.Dispose();
    }

    private sealed class NoChannel(string name) : INotifyChannel
    {
        public string Name => name;

        public int AtOnce => 1;

        public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken) => Task.FromResult(Outcome.Sent);
    }

    private (ChannelDeaths Deaths, ChannelSender[] Senders) Start(bool stands, params string[] names)
    {
        var deaths = new ChannelDeaths(_outbox, Append, () => stands, TimeProvider.System, NullLogger.Instance);
        ChannelSender[] senders = [.. names.Select(name => new ChannelSender(new NoChannel(name), _outbox, Letters.Of, () => 0, new DeliveryStats(), deaths.Changed, TimeProvider.System, NullLogger.Instance))];
        deaths.Restore(senders);
        return (deaths, senders);

        ValueTask<Task<long>> Append(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
        {
            _said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Rule} {entry.Active} {entry.Detail}"));
            return ValueTask.FromResult(Task.FromResult(1L));
        }
    }

    private static void Take(ChannelDeaths deaths, ChannelSender sender, Outcome outcome, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            if (sender.Circuit.Took(outcome, 1_000))
                deaths.Changed(sender);
        }
    }

    private async Task<string[]> SaidAsync(ChannelDeaths deaths)
    {
        _said.Clear();
        await deaths.SayAsync(CancellationToken.None);
        return [.. _said];
    }

    [Fact]
    public async Task Each_death_is_an_alarm_anew_and_it_is_over_when_all_work_again()
    {
        var (deaths, senders) = Start(stands: false, "mail", "sms");
        Assert.Empty(await SaidAsync(deaths));
        Take(deaths, senders[1], Outcome.Failed("http 500"), Circuit.Failures);
        Assert.Equal(["channel_dead True sms: failed, http 500"], await SaidAsync(deaths));
        Assert.Empty(await SaidAsync(deaths));
        Take(deaths, senders[0], Outcome.TimedOut, Circuit.Failures);
        Assert.Equal(["channel_dead False another channel died", "channel_dead True mail: timed_out; sms: failed, http 500"], await SaidAsync(deaths));
        Take(deaths, senders[1], Outcome.Sent);
        Assert.Empty(await SaidAsync(deaths));
        Take(deaths, senders[0], Outcome.Sent);
        Assert.Equal(["channel_dead False all channels work again"], await SaidAsync(deaths));
    }

    [Fact]
    public async Task A_death_outlives_a_restart_and_goes_with_its_channel()
    {
        var (before, senders) = Start(stands: false, "mail", "sms");
        Take(before, senders[0], Outcome.TimedOut, Circuit.Failures);
        Take(before, senders[1], Outcome.TimedOut, Circuit.Failures);
        await SaidAsync(before);
        _outbox.Dispose();
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        // Mail is configured no more.
        var (after, left) = Start(stands: true, "sms");
        Assert.NotNull(left[0].Circuit.DeadSince);
        Assert.Empty(await SaidAsync(after));
        Take(after, left[0], Outcome.Sent);
        Assert.Equal(["channel_dead False all channels work again"], await SaidAsync(after));
    }
}
