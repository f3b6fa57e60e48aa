using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>A device that is heard, and says nothing that it has not said before: no rule of it sees anything, and its silence never ages.</summary>
public sealed class RepeatsTests : IDisposable
{
    private const int Lap = 256;

    private readonly Timeline _timeline = new(Families.Pump.ReplaceLineEndings("\n").Replace("heartbeat: 24s", "heartbeat: 1h", StringComparison.Ordinal));

    public void Dispose() => _timeline.Dispose();

    private string[] Tickets => [.. _timeline.Look().Where(line => line.Contains("nothing_new", StringComparison.Ordinal))];

    [Fact]
    public void A_counter_that_comes_round_is_a_ticket_at_the_device_until_it_says_something_new()
    {
        _timeline.At(0).Register(Station("A"));
        for (var second = 0; second < Lap + 600; second++)
            Count(second);
        Assert.Empty(Tickets);
        Count(Lap + 600);
        Assert.Equal(["14:16 ps-1 nothing_new ActiveUnacknowledged Low raised"], Tickets);
        var ticket = _timeline.Transitions[^1].Alarm;
        Assert.Equal(("system", "A", "S1", "601 readings in 10 min, all of them sent before"), (ticket.Family, ticket.District, ticket.Street, ticket.Detail));
        // It stays one ticket.
        for (var second = Lap + 601; second < Lap + 1000; second++)
            Count(second);
        Assert.Empty(Tickets);
        Count(Lap + 999, sequence: 1000);
        Assert.Equal(["20:55 ps-1 nothing_new ClearedUnacknowledged Low cleared"], Tickets);
    }

    [Theory]
    [InlineData(20, 31, false)]
    [InlineData(20, 32, true)]
    [InlineData(19, 60, false)]
    public void A_gateway_that_sends_the_same_without_end_is_one_too_and_a_backlog_sent_again_is_none(int times, int seconds, bool isTicket)
    {
        _timeline.At(0).Reading("ps-1", "level=1");
        for (var i = 0; i < times; i++)
            _timeline.At(10 + (i * seconds)).Reading("ps-1", "level=1", eventTime: 0);
        Assert.Equal(isTicket, Tickets.Length == 1);
    }

    [Fact]
    public void One_that_says_something_new_now_and_then_is_none()
    {
        _timeline.At(0).Reading("ps-1", "level=1");
        for (var i = 1; i < 3000; i++)
            _timeline.At(i).Reading("ps-1", "level=1", eventTime: i % 500 == 0 ? i : 0);
        Assert.Empty(Tickets);
    }

    [Fact]
    public void It_goes_with_its_device_and_ends_where_the_device_is_not_evaluated()
    {
        _timeline.At(0).Register(Station("A")).Reading("ps-1", "level=1");
        for (var i = 0; i < 21; i++)
            _timeline.At(10 + (i * 30)).Reading("ps-1", "level=1", eventTime: 0);
        _timeline.Register(Station("B"));
        Assert.Equal("B", Assert.Single(_timeline.Pipeline.OpenAlarms).District);
        _timeline.Register(Station("B", "commissioning"));
        Assert.Equal(["10:10 ps-1 nothing_new ActiveUnacknowledged Low raised", "10:10 ps-1 nothing_new ActiveUnacknowledged Low moved", "10:10 ps-1 nothing_new ClearedUnacknowledged Low cleared"], Tickets);
    }

    [Fact]
    public void A_restart_goes_on_counting()
    {
        _timeline.At(0).Register(Station("A"));
        for (var second = 0; second < Lap + 300; second++)
            Count(second);
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            _timeline.Pipeline.Save(writer);
        bytes.Position = 0;
        var again = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds, Timeline.History(_timeline.Log), Timeline.Earlier(_timeline.Log), Timeline.AnchorsApart);
        using (var reader = new BinaryReader(bytes))
            again.Load(reader);
        var raised = new List<string>();
        using var entries = new System.Reactive.Subjects.Subject<LogEntry>();
        using var running = again.Run(entries).Subscribe(transition => raised.Add(transition.Alarm.Rule));
        var known = _timeline.Log.Count;
        for (var second = Lap + 300; second <= Lap + 600; second++)
            Count(second);
        foreach (var entry in _timeline.Log.Skip(known))
            entries.OnNext(entry);
        Assert.Equal(["nothing_new"], raised);
    }

    private static Device Station(string district, string state = "live") => new() { Id = "ps-1", Family = "pump", Gateway = "gw", District = district, Street = "S1", State = state };

    /// <summary>A reading each second, without a time, by a counter of eight bits.</summary>
    private void Count(int second, int? sequence = null) => _timeline.At(second).Add(new ReadingEntry(new Reading
    {
        Gateway = "gw",
        Family = "pump",
        Device = "ps-1",
        EventTime = Timeline.Zero + (second * 1000L),
        Sequence = sequence ?? second % Lap,
        Marks = TimeMarks.NoTime,
        Values = [new ChannelValue("level", ValueKind.Number, 1 + (second / 1000.0), null, Quality.Good)],
    }));
}
