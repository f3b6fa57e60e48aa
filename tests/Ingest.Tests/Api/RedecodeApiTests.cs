using System.Net;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Dead letters of the native format, decoded again over HTTP: what enters the log, and what each letter says afterwards.</summary>
public sealed class RedecodeApiTests : IAsyncLifetime
{
    private const string Topic = "telemetry/v1/gw/drainage_pump/PS-1";

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_message_whose_family_is_there_by_now_becomes_late_readings_and_its_letter_is_marked()
    {
        var letter = await RefuseAsync("""[{"ts": 1772323100123, "values": {"sump_level": 1.5}}, {"seq": 4, "values": {"sump_level": 1.6}}, {"values": {"sump_level": 1.7}}]""", "unknown_family");

        var result = await RedecodeAsync("{}");

        Assert.Equal("""{"letters":1,"decoded":1,"readings":3,"failed":{},"skipped":{},"dry":false}""", result);
        var readings = Readings();
        Assert.Equal([(1772323100123, (long?)null, 1772323100123), (null, 4, letter.Time), (letter.Time, null, letter.Time)], readings.Select(reading => (reading.SentTime, reading.Sequence, reading.EventTime)));
        Assert.All(readings, reading => Assert.True(reading.IsRedecoded));
        var kept = (await _host.GetJsonAsync("/api/v1/deadletters"))[0];
        Assert.Equal((letter.Position, 3, "PS-1"), (kept.GetProperty("position").GetInt64(), kept.GetProperty("readings").GetInt32(), kept.Text("device")));
        Assert.NotNull(kept.Text("redecodedAt"));
    }

    [Fact]
    public async Task What_was_decoded_once_is_not_looked_at_again()
    {
        await RefuseAsync("""{"values": {"sump_level": 1.5}}""", "unknown_family");
        await RedecodeAsync("{}");
        var committed = _host.Log.Committed;
        Assert.Equal("""{"letters":0,"decoded":0,"readings":0,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Equal(committed, _host.Log.Committed);
    }

    [Fact]
    public async Task Readings_and_mark_stand_in_one_group_so_that_a_crash_leaves_both_or_neither()
    {
        await RefuseAsync("""{"values": {"sump_level": 1.5}}""", "unknown_family");
        await RedecodeAsync("{}");
        var last = Entries().TakeLast(2).ToList();
        Assert.Equal(("ReadingEntry", "RedecodedEntry"), (last[0].GetType().Name, last[1].GetType().Name));
        Assert.Equal(last[0].Time, last[1].Time);
    }

    [Fact]
    public async Task Values_that_were_accepted_when_the_message_came_do_not_come_twice()
    {
        // As the decoder left it when power_supply was not in the family yet: neither time nor sequence tell the reading from itself.
        var payload = """{"values": {"sump_level": 1.5, "power_supply": "mains"}}""";
        await AppendAsync(
            new ReadingEntry(new Reading { Gateway = "gw", Family = "drainage_pump", Device = "PS-1", Marks = TimeMarks.NoTime, Values = [new("sump_level", ValueKind.Number, 1.5, null, Quality.Good)] }),
            Letter(payload, "unknown_channel", "channel power_supply"));
        Assert.Contains("\"readings\":1", await RedecodeAsync("{}"), StringComparison.Ordinal);
        Assert.Equal([["sump_level"], ["power_supply"]], Readings().Select(reading => reading.Values.Select(value => value.Channel)));
    }

    [Fact]
    public async Task What_fails_again_stays_with_what_is_wrong_now_and_writes_no_more_when_nothing_has_changed()
    {
        await RefuseAsync("""{"values": {"sump_level": "much"}}""", "unknown_family");
        Assert.Equal("""{"letters":1,"decoded":0,"readings":0,"failed":{"wrong_type":1},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        var kept = (await _host.GetJsonAsync("/api/v1/deadletters?redecoded=false"))[0];
        Assert.Equal("wrong_type", kept.Text("reason"));
        Assert.Contains("finite number in m", kept.Text("detail"), StringComparison.Ordinal);
        var committed = _host.Log.Committed;
        await RedecodeAsync("{}");
        Assert.Equal(committed, _host.Log.Committed);
    }

    [Fact]
    public async Task The_element_that_still_fails_keeps_the_letter_of_the_whole_message_open()
    {
        await RefuseAsync("""[{"ts": 1772323100123, "values": {"sump_level": 1.5}}, 7]""", "unknown_family");
        Assert.Equal("""{"letters":1,"decoded":0,"readings":1,"failed":{"malformed":1},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Equal("""{"letters":1,"decoded":0,"readings":0,"failed":{"malformed":1},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Single(Readings());
    }

    [Fact]
    public async Task Of_two_mistakes_in_one_reading_each_letter_is_done_when_its_own_is_mended()
    {
        var payload = """{"ts": 1772323100123, "values": {"sump_level": 1.5, "power_supply": "mains", "colour": 7}}""";
        await AppendAsync(Letter(payload, "wrong_type", "power_supply: was a number then"), Letter(payload, "unknown_channel", "channel colour"));
        Assert.Equal("""{"letters":2,"decoded":1,"readings":1,"failed":{"unknown_channel":1},"skipped":{},"dry":false}""", await RedecodeAsync("""{"dry": true}""", dry: true));
        Assert.Contains("\"decoded\":1", await RedecodeAsync("{}"), StringComparison.Ordinal);
        Assert.Equal(["unknown_channel"], (await _host.GetJsonAsync("/api/v1/deadletters?redecoded=false")).EnumerateArray().Select(kept => kept.Text("reason")));
    }

    [Fact]
    public async Task What_can_never_be_decoded_again_is_left_and_said()
    {
        await AppendAsync(
            Letter("""{"ts": 1, "values": {"sump_level": 1}}""", "conflicting_duplicate", "the first one stands"),
            Letter("level,device=PS-1 v=1", "store_refused", "x", "influxdb"),
            Letter(new string(' ', 64 << 10), "too_large", "cut"));
        Assert.Equal("""{"letters":3,"decoded":0,"readings":0,"failed":{},"skipped":{"conflicting_duplicate":1,"cut":1,"store_refused":1},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Empty(Readings());
    }

    [Fact]
    public async Task A_letter_that_keeps_no_bytes_of_its_own_is_decoded_from_those_of_its_message()
    {
        const string Elsewhere = "element 1: x (its bytes stand with the message's other dead letters)";
        const string Message = """[{"ts": 1772323100123, "values": {"sump_level": 1.5}}, {"ts": 1772323100124, "values": {"sump_level": 1.6}}]""";
        await AppendAsync(Letter("[]", "no_values", "another message"), Letter(Message, "malformed", "element 0: x"), Letter("", "unknown_family", Elsewhere));
        Assert.Equal("""{"letters":1,"decoded":1,"readings":2,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("""{"reason": "unknown_family"}"""));
        Assert.Equal("""{"letters":1,"decoded":1,"readings":0,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("""{"reason": "malformed"}"""));
    }

    [Fact]
    public async Task Letters_of_one_message_give_its_readings_once()
    {
        const string Message = """[{"ts": 1772323100123, "values": {"sump_level": 1.5}}, {"ts": 1772323100124, "values": {"sump_level": 1.6}}]""";
        await AppendAsync([.. Enumerable.Range(0, 3).Select(i => Letter(Message, "unknown_family", $"then {i}"))]);
        Assert.Equal("""{"letters":3,"decoded":3,"readings":2,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("""{"dry": true}""", dry: true));
        Assert.Equal("""{"letters":3,"decoded":3,"readings":2,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Equal([1.5, 1.6], Readings().Select(reading => reading.Values[0].Number));
    }

    [Fact]
    public async Task A_message_that_came_twice_gives_its_readings_once()
    {
        await RefuseAsync("""{"ts": 1772323100123, "values": {"sump_level": 1.5}}""", "unknown_family");
        await RefuseAsync("""{"values": {"sump_level": 1.5}, "ts": 1772323100123}""", "unknown_family");
        Assert.Equal("""{"letters":2,"decoded":2,"readings":1,"failed":{},"skipped":{},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Single(Readings());
    }

    [Fact]
    public async Task A_device_that_is_adopted_waits_no_longer_for_what_was_cut()
    {
        await AppendAsync(Letter(new string(' ', 64 << 10), RejectReason.UnknownDevice, "24E1 (raw): nothing in the register", "site/up"));
        Assert.Equal(["24E1"], _host.Database.UnknownSenders());
        await _host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "sensors": {"24E1": ""}}""");
        await Wait.ForAsync("the letter to wait no longer", () => _host.GetJsonAsync("/api/v1/deadletters?reason=cut&device=24E1"), letters => letters.GetArrayLength() == 1);
        Assert.Empty(_host.Database.UnknownSenders());
        var committed = _host.Log.Committed;
        Assert.Equal("""{"letters":1,"decoded":0,"readings":0,"failed":{},"skipped":{"cut":1},"dry":false}""", await RedecodeAsync("{}"));
        Assert.Equal(committed, _host.Log.Committed);
    }

    [Fact]
    public async Task Relative_times_count_from_when_the_message_came_and_double_nothing()
    {
        MessageDecoder Decoder(bool isAgain) => new(new DecodingTables(_host.Families.Find, _host.Devices, new Stats(), OneRoute.Of("site/up", "senml-json", "site")), isAgain);
        _host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump" });
        var entries = new List<LogEntry>();
        // The log's time is that of the commit, some time after it.
        const long Received = 1_772_323_200_123;
        Decoder(false).Decode("site/up"u8, """[{"bn":"PS-1:","n":"sump_level","u":"m","v":1.5,"t":-60},{"n":"sump_level","u":"m","v":1.25},{"bn":"PS-2:","n":"sump_level","u":"m","v":1.75,"t":-60}]"""u8, Received, entries);
        await AppendAsync([.. entries]);
        _host.Devices.Set(new Device { Id = "PS-2", Family = "drainage_pump" });

        using var redecoder = new Redecoder(_host.Database, _host.Log, new LogWriting(_host.Log, _host.Progress, TimeProvider.System), Decoder(true));
        var result = await redecoder.RunAsync(new DeadLetterFilter(), "Li", dry: false, TestContext.Current.CancellationToken);

        Assert.Equal((1, 1, 1), (result.Letters, result.Decoded, result.Readings));
        Assert.Equal([("PS-1", (long?)(Received - 60_000)), ("PS-1", (long?)null), ("PS-2", (long?)(Received - 60_000))], Readings().Select(reading => (reading.Device, reading.SentTime)));
    }

    [Fact]
    public async Task A_letter_whose_bytes_are_kept_no_longer_is_left_as_it_is()
    {
        await AppendAsync(Letter("", "unknown_family", "element 1: x (its bytes stand with the message's other dead letters)"));
        Assert.Equal("""{"letters":1,"decoded":0,"readings":0,"failed":{},"skipped":{"cut":1},"dry":false}""", await RedecodeAsync("{}"));
    }

    [Theory]
    [InlineData("""{"reason": "malformed"}""", 1)]
    [InlineData("""{"device": "ps-1"}""", 2)]
    [InlineData("""{"device": "PS-2"}""", 0)]
    [InlineData("""{"topic": "telemetry/v1/gw/#"}""", 2)]
    [InlineData("""{"from": "2000-01-01T00:00:00Z", "to": 4102444800000}""", 2)]
    [InlineData("""{"to": "2000-01-01T00:00:00Z"}""", 0)]
    public async Task Only_what_is_asked_for_is_decoded(string body, int letters)
    {
        await RefuseAsync("""{"ts": 1772323100123, "values": {"sump_level": 1.5}}""", "unknown_family");
        await RefuseAsync("""{"ts": 1772323100124, "values": {"sump_level": 1.5}}""", "malformed");
        Assert.StartsWith($"{{\"letters\":{letters},\"decoded\":{letters},", await RedecodeAsync(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"reason": "odd"}""", "bad_body")]
    [InlineData("""{"from": "yesterday"}""", "bad_body")]
    [InlineData("""{"devise": "x"}""", "malformed")]
    [InlineData("""[]""", "malformed")]
    public async Task A_wrong_question_is_refused(string body, string reason)
    {
        var answer = await _host.PostAsync("/api/v1/deadletters/redecode", body);
        Assert.Equal((HttpStatusCode.BadRequest, reason), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task A_gateways_old_word_on_itself_changes_nothing()
    {
        await AppendAsync(Letter("offline", "bad_status", "then", "telemetry/v1/gw/status"));
        Assert.Contains("\"decoded\":1", await RedecodeAsync("{}"), StringComparison.Ordinal);
        Assert.DoesNotContain(Entries(), entry => entry is GatewayEntry);
    }

    [Fact]
    public async Task The_summary_counts_by_reason()
    {
        await RefuseAsync("""{"ts": 1772323100123, "values": {"sump_level": 1.5}}""", "unknown_family");
        await RefuseAsync("x", "malformed");
        await RedecodeAsync("{}");
        var summary = await _host.GetJsonAsync("/api/v1/deadletters/summary");
        Assert.Equal([("malformed", 1, 1), ("unknown_family", 1, 0)], summary.EnumerateArray().Select(each => (each.Text("reason"), each.GetProperty("count").GetInt32(), each.GetProperty("open").GetInt32())));
    }

    [Fact]
    public async Task Thousands_of_letters_are_decoded_in_order()
    {
        await AppendAsync([.. Enumerable.Range(0, 3000).Select(i => Letter($$$"""{"ts": {{{1772323100000 + i}}}, "values": {"sump_level": 1}}""", "unknown_family", "then"))]);
        Assert.Contains("\"letters\":3000,\"decoded\":3000,\"readings\":3000", await RedecodeAsync("{}"), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => 1772323100000 + i), Readings().Select(reading => reading.EventTime));
        var progress = await _host.GetJsonAsync("/api/v1/deadletters/redecode");
        Assert.Equal("""{"running":false,"done":3000,"of":3000}""", progress.GetRawText());
    }

    [Fact]
    public async Task A_device_that_is_adopted_gets_what_it_sent_before()
    {
        await AppendAsync(Unknown("24E1", 1), Unknown("24E2", 2), Unknown("24e1", 3));
        var unknown = await _host.GetJsonAsync("/api/v1/devices/unknown");
        Assert.Equal([("24E1", 2), ("24E2", 1)], unknown.GetProperty("items").EnumerateArray().OrderBy(item => item.Text("wireId")).Select(item => (item.Text("wireId"), item.GetProperty("count").GetInt32())));

        var (status, answer) = await _host.PostAsync("/api/v1/devices/unknown/24e1/adopt", """{"id": "PS-1", "family": "drainage_pump"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"letters":2,"decoded":2,"readings":2,"failed":{},"skipped":{},"dry":false}""", answer.GetProperty("redecoded").GetRawText());
        Assert.Equal("PS-1", _host.Devices.FindByWireId("24E1")?.Device.Id);
        Assert.Equal(["24E2"], (await _host.GetJsonAsync("/api/v1/devices/unknown")).GetProperty("items").EnumerateArray().Select(item => item.Text("wireId")));
    }

    [Fact]
    public async Task A_device_of_the_register_gets_one_more_sensor_and_keeps_the_others()
    {
        _host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", Street = "南京路", Sensors = new Dictionary<string, string> { ["24E9"] = "m 9" } });
        await AppendAsync(Unknown("g/n/24E1", 1));
        var refused = await _host.PostAsync("/api/v1/devices/unknown/g%2Fn%2F24E1/adopt", """{"id": "PS-1", "street": "x"}""");
        Assert.Equal("bad_device", refused.Reason());
        var (_, answer) = await _host.PostAsync("/api/v1/devices/unknown/g%2Fn%2F24E1/adopt", """{"id": "PS-1", "sensors": {"g/n/24E1": "milesight-vs330 5"}}""");
        Assert.Equal("""{"24E9":"m 9","g/n/24E1":"milesight-vs330 5"}""", answer.GetProperty("device").GetProperty("sensors").GetRawText());
        Assert.Equal("南京路", answer.GetProperty("device").Text("street"));
    }

    [Fact]
    public async Task Two_sensors_that_are_adopted_at_the_same_time_are_both_there()
    {
        _host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump" });
        await AppendAsync([.. Enumerable.Range(1, 8).Select(i => Unknown($"24E{i}", i))]);
        var adoptions = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => _host.PostAsync($"/api/v1/devices/unknown/24E{i}/adopt", """{"id": "PS-1"}""")));
        Assert.All(adoptions, adoption => Assert.Equal(HttpStatusCode.OK, adoption.Status));
        Assert.Equal(8, _host.Devices.Find("PS-1")!.Sensors.Count);
    }

    [Fact]
    public async Task Nothing_is_adopted_that_does_not_wait()
    {
        var answer = await _host.PostAsync("/api/v1/devices/unknown/24E1/adopt", """{"family": "drainage_pump"}""");
        Assert.Equal((HttpStatusCode.NotFound, "unknown_wire_id"), (answer.Status, answer.Reason()));
        Assert.Equal(0, _host.Log.Committed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entering_a_device_the_usual_ways_decodes_what_it_sent_before_as_well(bool byFile)
    {
        await AppendAsync(Unknown("24E1", 1));
        if (byFile)
            await _host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", "id,family,sensors\nPS-1,drainage_pump,24E1\n", "text/csv");
        else
            await _host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "sensors": {"24E1": ""}}""");
        await Wait.ForAsync("the letter to be decoded", () => _host.GetJsonAsync("/api/v1/deadletters?redecoded=true"), letters => letters.GetArrayLength() == 1);
        Assert.Equal("register", Assert.Single(Entries().OfType<RedecodedEntry>()).By);
        Assert.Single(Readings());
    }

    private static DeadLetterEntry Letter(string payload, string reason, string detail, string topic = Topic) =>
        new() { Topic = topic, Reason = reason, Detail = detail, Payload = Encoding.UTF8.GetBytes(payload) };

    /// <summary>As another format's message would leave it; what it is decoded to by now is the native one's.</summary>
    private static DeadLetterEntry Unknown(string wireId, int at) =>
        Letter($$$"""{"ts": {{{1772323100000 + at}}}, "values": {"sump_level": 1}}""", RejectReason.UnknownDevice, $"{wireId} (raw): nothing in the register", $"telemetry/v1/gw/drainage_pump/{wireId.Replace('/', '_')}");

    private async Task<LogEntry> RefuseAsync(string payload, string reason)
    {
        await AppendAsync(Letter(payload, reason, "as it was then"));
        return Entries().Last();
    }

    private async Task AppendAsync(params LogEntry[] entries)
    {
        var batch = new EntryBatch();
        foreach (var entry in entries)
            batch.Add(entry);
        var position = await await _host.Log.AppendAsync(batch, TestContext.Current.CancellationToken);
        await _host.Progress.RulesAsync(position, TestContext.Current.CancellationToken);
    }

    private async Task<string> RedecodeAsync(string body, bool dry = false)
    {
        var committed = _host.Log.Committed;
        var answer = await _host.PostAsync("/api/v1/deadletters/redecode", body);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        if (dry)
            Assert.Equal(committed, _host.Log.Committed);
        return answer.Body.GetRawText().Replace("\"dry\":true", "\"dry\":false", StringComparison.Ordinal);
    }

    private List<Reading> Readings() => [.. Entries().OfType<ReadingEntry>().Select(entry => entry.Reading)];

    private List<LogEntry> Entries()
    {
        using var reader = _host.Log.OpenReader("test", 1);
        var entries = new List<LogEntry>();
        while (reader.Read(entries, 1000) > 0)
        {
        }
        return entries;
    }
}
