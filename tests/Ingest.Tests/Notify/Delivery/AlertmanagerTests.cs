using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>What Debian's alertmanager shows of our alarms.</summary>
public sealed class AlertmanagerTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly StateDatabase _database;
    private readonly AlarmBook _book;
    private readonly AlarmFeed _feed = new();
    private long _position;
    private long _ahead;

    public AlertmanagerTests()
    {
        _database = StateDatabase.Open(_directory.File("state.db"));
        _book = new AlarmBook(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    private long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + _ahead;

    private void Say(Alarm alarm)
    {
        var transition = Samples.Transition(++_position, 0, alarm);
        _book.Apply(transition);
        _feed.Publish(transition);
    }

    private AlertmanagerFeed Feed(Uri url, HttpCaller http) => new(url, http, _book, _feed, new FamilyCatalog(FamilySet.Shipped().All), new DeliveryStats(), Ownership.Alone, Now, TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task It_shows_what_stands_what_has_changed_and_no_more_what_is_over()
    {
        await using var server = await AlertmanagerServer.StartAsync();
        using var http = new HttpCaller([]);
        using var feed = Feed(server.Url, http);
        var stands = Samples.Alarm("1".PadLeft(32, '0'), Now() - 60_000);
        Say(stands);
        Say(Samples.Alarm("2".PadLeft(32, '0'), Now() - 60_000) with { Mode = "test" });
        Say(Samples.Alarm("3".PadLeft(32, '0'), Now() - 60_000, AlarmState.Shelved));
        await feed.LookAsync(CancellationToken.None);
        var alert = Assert.Single(await server.AlertsAsync());
        var labels = alert.GetProperty("labels");
        Assert.Equal(("level_high", "PS-1", "high", "north", stands.Id), (
            labels.GetProperty("alertname").GetString(), labels.GetProperty("device").GetString(), labels.GetProperty("severity").GetString(), labels.GetProperty("district").GetString(), labels.GetProperty("alarm").GetString()));
        Assert.Equal(stands.RaisedAt, alert.GetProperty("startsAt").GetDateTimeOffset().ToUnixTimeMilliseconds());

        // A step higher is another alert: the one below ends.
        Say(stands with { Severity = Severity.Critical });
        await feed.LookAsync(CancellationToken.None);
        await Wait.ForAsync("one alert", async () => await server.AlertsAsync(), alerts => alerts.Count == 1);
        Assert.Equal("critical", Assert.Single(await server.AlertsAsync()).GetProperty("labels").GetProperty("severity").GetString());

        Say(stands with { State = AlarmState.Normal, ClearedAt = Now() });
        await feed.LookAsync(CancellationToken.None);
        await Wait.ForAsync("no alert", async () => await server.AlertsAsync(), alerts => alerts.Count == 0);
    }

    [Fact]
    public async Task What_stands_is_said_again_every_minute_and_what_was_not_taken_until_it_is()
    {
        var answer = Answer.Yes;
        await using var receiver = await Receiver.StartAsync(_ => answer);
        using var http = new HttpCaller([]);
        using var feed = Feed(receiver.Url, http);
        Say(Samples.Alarm("1".PadLeft(32, '0'), Now() - 60_000));
        await feed.LookAsync(CancellationToken.None);
        await feed.LookAsync(CancellationToken.None);
        Assert.Single(receiver.Taken);
        _ahead += 60_000;
        await feed.LookAsync(CancellationToken.None);
        Assert.Equal(2, receiver.Taken.Count);

        answer = Answer.TooMany;
        Say(Samples.Alarm("1".PadLeft(32, '0'), Now() - 120_000, AlarmState.Normal));
        await feed.LookAsync(CancellationToken.None);
        Assert.Equal("http 429", feed.Failing);
        answer = Answer.Yes;
        await feed.LookAsync(CancellationToken.None);
        Assert.Null(feed.Failing);
        Assert.Equal(3, receiver.Taken.Count);
    }
}
