using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>The journal in its database, followed by a clock of the test's own.</summary>
public sealed class TellerTests : IDisposable
{
    private const string Log = "0123456789abcdef";
    private const long Minute = 60_000, Hour = 60 * Minute;

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.T0));
    private readonly StateDatabase _journal;
    private OutboxDatabase _outbox;
    private Teller _teller;
    private long _position;

    public TellerTests()
    {
        _journal = StateDatabase.Open(_directory.File("state.db"));
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        _teller = Start();
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _journal.Dispose();
        _directory.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private Teller Start() => Start("voice", "sms");

    private Teller Start(params string[] channels) => new(
        new NotifySource(Letters.File, new ServiceOptions(), new FamilyCatalog([]), _time, NullLogger<NotifySource>.Instance), _journal, _outbox, new DeviceDirectory(), new CalendarDirectory(), channels, Log, () => Now);

    private void Restart()
    {
        _outbox.Dispose();
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        _teller = Start();
    }

    /// <summary>A critical alarm as the rules write it, announced now.</summary>
    private Alarm Raise(string id, AlarmState state = AlarmState.ActiveUnacknowledged)
    {
        var alarm = Samples.Alarm(id.PadLeft(32, '0'), Now, state) with { Severity = Severity.Critical, RaisedReceivedAt = Now, AnnouncedAt = Now };
        Write(alarm, AlarmState.Normal, "raised");
        return alarm;
    }

    private void Write(Alarm alarm, AlarmState from, string cause)
    {
        _position++;
        _journal.Apply(new ProjectionBatch(_position, [Samples.Transition(_position, 0, alarm, from) with { Cause = cause, ReceivedAt = Now }], [], []));
    }

    private IReadOnlyList<string> Keys(string alarm) => [.. _outbox.OfAlarm(alarm.PadLeft(32, '0')).Select(attempt => attempt.Key)];

    private List<Ingest.Notify.Delivery.Delivery> Waiting() => [.. _outbox.Due("voice", Now, 100), .. _outbox.Due("sms", Now, 100)];

    [Fact]
    public void A_first_start_calls_nobody_for_the_past_and_tells_what_stands_once()
    {
        var over = Raise("1");
        var stands = Raise("2");
        Write(over with { State = AlarmState.Normal, ClearedAt = Now }, AlarmState.ActiveUnacknowledged, "cleared");
        var accepted = Raise("3");
        Write(accepted with { AcceptedBy = "李娜" }, AlarmState.ActiveUnacknowledged, "accepted");
        _time.Advance(TimeSpan.FromDays(3));
        Assert.True(_teller.Look());

        var message = Assert.Single(Waiting()).Message;
        Assert.Equal((stands.Id, MessageKind.Call, 0), (Assert.Single(message.Places).Alarm.Id, message.Kind, message.Places[0].Step));
        // Escalated from now on, not from three days ago.
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(_teller.Look());
        _time.Advance(TimeSpan.FromMinutes(1.1));
        Assert.True(_teller.Look());
        Assert.Equal(2, Keys("2").Count);
    }

    [Fact]
    public void A_restart_goes_on_where_it_ended_under_the_same_keys()
    {
        _teller.Look();
        Raise("1");
        Assert.True(_teller.Look());
        var keys = Keys("1");
        Restart();
        Assert.False(_teller.Look());
        Assert.Equal(keys, Keys("1"));
        // Raised while the service was away, but not for long.
        Restart();
        Raise("2");
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.True(_teller.Look());
        Assert.Contains("t2.0.", Keys("2")[0], StringComparison.Ordinal);
        // Both steps of the first one that were due meanwhile.
        Assert.Equal(3, Keys("1").Count);
    }

    [Fact]
    public void A_journal_that_nobody_has_followed_for_over_an_hour_is_the_past()
    {
        _teller.Look();
        Raise("1");
        Assert.True(_teller.Look());
        Restart();
        Raise("2");
        var alarm = Raise("3");
        Write(alarm with { State = AlarmState.Normal }, AlarmState.ActiveUnacknowledged, "cleared");
        _time.Advance(TimeSpan.FromMilliseconds(Hour + 1));
        Assert.True(_teller.Look());
        Assert.Empty(Keys("3"));
        Assert.Single(Keys("2"));
        // Told before, and not anew: its two further steps alone, which were due meanwhile.
        Assert.Equal(["0", "1", "2"], Keys("1").Select(key => key.Split('.')[^1]));
    }

    [Fact]
    public void What_was_accepted_while_nobody_followed_is_not_escalated_afterwards()
    {
        _teller.Look();
        var alarm = Raise("1");
        Assert.True(_teller.Look());
        Restart();
        _time.Advance(TimeSpan.FromSeconds(30));
        var accepted = alarm with { AcceptedBy = "李娜" };
        Write(accepted, AlarmState.ActiveUnacknowledged, "accepted");
        _time.Advance(TimeSpan.FromMinutes(20));
        Write(accepted with { OnSiteAt = Now }, AlarmState.ActiveUnacknowledged, "on_site");
        _time.Advance(TimeSpan.FromMinutes(61));
        _teller.Look();

        Assert.Single(Keys("1"));
    }

    [Fact]
    public void Whoever_has_none_of_the_wanted_ways_that_are_configured_is_told_by_what_there_is()
    {
        // High goes by SMS, else by mail; this service has a voice provider alone, as before a change of the file.
        var teller = Start("voice");
        teller.Look();
        var alarm = Samples.Alarm("1".PadLeft(32, '0'), Now) with { Severity = Severity.High, RaisedReceivedAt = Now, AnnouncedAt = Now };
        Write(alarm, AlarmState.Normal, "raised");
        teller.Look();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(teller.Look());

        Assert.Equal(["voice"], Assert.Single(_outbox.Due("voice", Now, 10)).Ways);
    }

    [Fact]
    public void Another_log_in_the_same_folder_is_followed_from_its_own_place()
    {
        _teller.Look();
        Raise("1");
        _teller.Look();
        Assert.Equal(_position, _outbox.PositionIn(Log));
        Assert.Null(_outbox.PositionIn("fedcba9876543210"));
    }

    [Fact]
    public void While_the_disk_is_full_nothing_is_half_stored_and_once_it_is_not_everyone_is_told_once()
    {
        _teller.Look();
        _outbox.Limit(1);
        var alarms = Enumerable.Range(1, 40).Select(number => Raise(number.ToString(System.Globalization.CultureInfo.InvariantCulture))).ToList();
        Assert.Throws<IOException>(() => _teller.Look());
        Assert.Throws<IOException>(() => _teller.Look());
        Assert.Empty(Waiting());
        Assert.Equal(0, _outbox.PositionIn(Log));
        _outbox.Limit(100_000);
        Assert.True(_teller.Look());
        Assert.Equal(alarms.Select(alarm => alarm.Id), Assert.Single(Waiting()).Message.Places.Select(place => place.Alarm.Id));
    }

    [Fact]
    public void Programs_get_a_copy_of_what_a_person_is_told_and_unknown_channels_are_left_out()
    {
        var teller = new Teller(
            new NotifySource(Letters.File, new ServiceOptions(), new FamilyCatalog([]), _time, NullLogger<NotifySource>.Instance), _journal, _outbox, new DeviceDirectory(), new CalendarDirectory(), ["sms", "webhook", "mqtt"], Log, () => Now);
        teller.Look();
        Raise("1");
        teller.Look();
        Assert.Equal(["webhook", "mqtt"], new[] { "webhook", "mqtt" }.Where(copy => _outbox.Due(copy, Now, 10).Count == 1));
        Assert.Equal(["sms"], Assert.Single(_outbox.Due("sms", Now, 10)).Ways);
    }
}
