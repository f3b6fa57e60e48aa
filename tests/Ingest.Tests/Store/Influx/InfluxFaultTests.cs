using System.Net;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx;

/// <summary>Each way to fail by name: what readiness says meanwhile, that nothing is lost, doubled or out of order, and that it goes on by itself.</summary>
public class InfluxFaultTests(InfluxdFixture influx)
{
    public static TheoryData<string, string> Faults => new()
    {
        { "rate limit", "429: rate limit" },
        { "overloaded", "503: timeout" },
        { "the server's own fault", "500: panic" },
        { "refuses everything", "400: nothing is right today" },
        { "too large, whatever its size", "413: no text" },
        { "token refused", "401: token refused; Influx:TokenFile = " },
        { "bucket missing", "404: bucket \"city\" not found; Influx:Bucket = city_" },
        { "hangs", "no answer from http://127.0.0.1:" },
        { "connection cut", "broke: " },
        { "connection cut after it stored", "broke: " },
        { "connection cut between points and position", "broke: " },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_is_lost_or_doubled_and_readiness_says_why(string name, string readiness)
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync(), TimeSpan.FromSeconds(name == "hangs" ? 2 : 60));
        await scene.AppendAsync(20);
        await scene.StoredAsync();

        var fault = FaultOf(name);
        scene.Gate.Fault = fault;
        await scene.AppendAsync(250);
        await scene.FailingAsync(readiness);
        await scene.AppendAsync(130);
        var requests = scene.Gate.Requests;
        await scene.EventuallyAsync("tried again", () => scene.Gate.Requests > requests + 3);
        Assert.Equal(20, scene.Stored);
        if (fault is { When: null, After: false })
            await Assert.ThrowsAsync<StoreAwayException>(scene.ReadAsync);

        scene.Gate.Fault = null;
        await scene.EverythingIsStoredOnceAsync();
        Assert.Empty(scene.DeadLetters());
    }

    [Fact]
    public async Task A_refused_connection_is_said_and_waited_out()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        await scene.AppendAsync(20);
        await scene.StoredAsync();
        var open = await scene.CloseGateAsync();
        await scene.AppendAsync(250);
        await scene.FailingAsync("can't be reached");
        await open();
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task A_server_that_was_never_there_fails_the_opening_and_gets_everything_later()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, "city_later");
        await scene.AppendAsync(10);
        await scene.FailingAsync("database not found: city_later");
        await influx.Server.CreateDatabaseAsync("city_later");
        await scene.EverythingIsStoredOnceAsync();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"results\":[]}")]
    [InlineData("<html>")]
    public async Task A_server_that_is_no_influxdb_is_tried_again(string body)
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        await scene.AppendAsync(1);
        await scene.StoredAsync();
        scene.Gate.Fault = new InfluxFault(HttpStatusCode.OK, body);
        await scene.RestartWriterAsync();
        await scene.AppendAsync(1);
        await scene.FailingAsync("not InfluxDB's");
        scene.Gate.Fault = null;
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        await scene.AppendAsync(1);
        await scene.StoredAsync();
        scene.Gate.Fault = InfluxFault.Busy(retryAfter: "120");
        await scene.AppendAsync(1);
        await scene.FailingAsync("429");
        var (requests, begun) = (scene.Gate.Requests, scene.Now);
        await scene.EventuallyAsync("asked again", () => scene.Gate.Requests > requests);
        Assert.InRange((scene.Now - begun).TotalSeconds, 110, 300);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_halved_until_it_fits()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        scene.Gate.Fault = InfluxFault.TooLarge with { When = request => request.ContentLength > 1000 };
        await scene.AppendAsync(300);
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task A_new_token_in_the_file_is_taken_without_a_restart()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        scene.Gate.Token = "first";
        await scene.AppendAsync(5);
        await scene.StoredAsync();

        // Rotated ahead of time: the next request has the new one.
        scene.Gate.Token = "second";
        File.WriteAllText(scene.TokenFile, "second\n");
        File.SetLastWriteTimeUtc(scene.TokenFile, File.GetLastWriteTimeUtc(scene.TokenFile).AddSeconds(2));
        await scene.AppendAsync(5);
        await scene.StoredAsync();
        Assert.Null(scene.Writer.Failing);

        // Revoked before the file has the new one, which keeps its time.
        scene.Gate.Token = "third";
        await scene.AppendAsync(5);
        await scene.FailingAsync($"401: token refused; Influx:TokenFile = {scene.TokenFile}");
        var changed = File.GetLastWriteTimeUtc(scene.TokenFile);
        File.WriteAllText(scene.TokenFile, "third");
        File.SetLastWriteTimeUtc(scene.TokenFile, changed);
        await scene.EverythingIsStoredOnceAsync();
        Assert.Equal(["Token first", "Token second", "Token third"], scene.Gate.Tokens.Distinct());
    }

    [Fact]
    public async Task A_token_file_that_is_gone_is_said_by_its_key()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        await scene.AppendAsync(5);
        await scene.StoredAsync();
        File.Delete(scene.TokenFile);
        await scene.AppendAsync(5);
        await scene.FailingAsync($"Influx:TokenFile = {scene.TokenFile}: the file can't be read");
        File.WriteAllText(scene.TokenFile, "second");
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task A_poison_line_costs_one_line_and_is_kept_as_one_dead_letter()
    {
        var database = await influx.NewDatabaseAsync();
        await using var scene = await InfluxScene.StartAsync(influx.Server, database);
        await WriteTextAsync(database, "drainage_pump,device=X tilt=\"text\" " + (InfluxScene.T0 * 1_000_000));
        // Every 50th reading is of a channel that somebody stored as text; the answer to the first attempt is lost as well.
        scene.Gate.Fault = InfluxFault.Cut with { When = request => request.ContentLength < 120 };
        await scene.AppendAsync(250, number => new ChannelValue(number % 50 == 0 ? "tilt" : "level", ValueKind.Number, number, null, Quality.Good));
        await scene.FailingAsync("broke");
        await scene.EventuallyAsync("dead letters", () => scene.DeadLetters().Count == 5);
        scene.Gate.Fault = null;
        scene.RulesDone();
        await scene.StoredAsync();

        Assert.Equal(Enumerable.Range(1, 250).Where(i => i % 50 != 0).Select(i => (double)i), (await scene.ReadAsync()).Select(point => point.Number));
        var letters = scene.DeadLetters();
        Assert.Equal(5, letters.Count);
        Assert.Equal(("influxdb", "store_refused"), (letters[0].Topic, letters[0].Reason));
        Assert.StartsWith("field_type_conflict: 400: partial write: field type conflict", letters[0].Detail, StringComparison.Ordinal);
        Assert.StartsWith("drainage_pump,device=D-1,district=Yuexiu,gateway=GW-1 tilt=50,late=", System.Text.Encoding.UTF8.GetString(letters[0].Payload), StringComparison.Ordinal);
        Assert.Equal([("field_type_conflict", 5L)], scene.Refused.Counts.Select(pair => (pair.Key, pair.Value)));
        Assert.Single(scene.Messages.Lines, line => line.Contains("field_type_conflict", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_long_a_tag_is_refused_alone()
    {
        var database = await influx.NewDatabaseAsync();
        await using var scene = await InfluxScene.StartAsync(influx.Server, database);
        await scene.MoveAsync(new string('x', 70_000));
        await scene.AppendAsync(1);
        await scene.EventuallyAsync("refused", () => scene.Refused.Counts.Count > 0);
        await scene.MoveAsync("Liwan");
        await scene.AppendAsync(1);
        await scene.EventuallyAsync("stored", () => scene.Stored >= 4);
        Assert.Equal([2], (await scene.ReadAsync()).Select(point => point.Number));
        Assert.Equal(64 << 10, Assert.Single(scene.DeadLetters()).Payload.Length);
    }

    [Fact]
    public async Task What_is_older_than_the_bucket_keeps_is_counted_and_no_dead_letter()
    {
        var database = await influx.NewDatabaseAsync();
        await influx.Server.QueryAsync($"CREATE RETENTION POLICY short ON {database} DURATION 1h REPLICATION 1 DEFAULT", database);
        await using var scene = await InfluxScene.StartAsync(influx.Server, database);
        await scene.AppendAsync(30);
        await scene.StoredAsync();
        Assert.Equal([("beyond_retention", 30L)], scene.Refused.Counts.Select(pair => (pair.Key, pair.Value)));
        Assert.Empty(scene.DeadLetters());
    }

    [Fact]
    public async Task A_kill_between_points_and_position_and_a_move_meanwhile_make_no_second_point_and_no_second_series()
    {
        var database = await influx.NewDatabaseAsync();
        await using var scene = await InfluxScene.StartAsync(influx.Server, database);
        await scene.AppendAsync(10);
        await scene.StoredAsync();
        scene.Gate.Fault = InfluxFault.Cut with { When = request => request.ContentLength < 120 };
        await scene.AppendAsync(30);
        await scene.FailingAsync("broke");
        Assert.Equal(40, await CountAsync(database));

        await scene.MoveAsync("Liwan");
        scene.Gate.Fault = null;
        await scene.RestartWriterAsync();
        await scene.EverythingIsStoredOnceAsync();
        Assert.Single(await influx.Server.RowsAsync("SHOW SERIES FROM drainage_pump", database));

        await scene.AppendAsync(1);
        await scene.EverythingIsStoredOnceAsync();
        Assert.Equal(2, (await influx.Server.RowsAsync("SHOW SERIES FROM drainage_pump", database)).Length);
    }

    [Fact]
    public async Task A_restart_of_the_writer_goes_on_where_the_database_says()
    {
        await using var scene = await InfluxScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());
        await scene.AppendAsync(50);
        await scene.StoredAsync();
        await scene.RestartWriterAsync();
        await scene.EventuallyAsync("opened", () => scene.Store.Position == 50);
        await scene.AppendAsync(50);
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task An_emptied_database_is_filled_again_from_the_log()
    {
        var database = await influx.NewDatabaseAsync();
        await using var scene = await InfluxScene.StartAsync(influx.Server, database);
        await scene.AppendAsync(300);
        await scene.StoredAsync();
        await influx.Server.DropDatabaseAsync(database);
        await scene.AppendAsync(1);
        // The write that failed says so with a 404, the question after it without.
        await scene.FailingAsync("not found");
        await influx.Server.CreateDatabaseAsync(database);
        await scene.EverythingIsStoredOnceAsync();
    }

    [Fact]
    public async Task A_crash_of_influxd_under_load_loses_nothing()
    {
        await using var server = await Influxd.StartAsync();
        await server.CreateDatabaseAsync("city");
        await using var scene = await InfluxScene.StartAsync(server, "city");
        for (var round = 0; round < 3; round++)
        {
            await scene.AppendAsync(500);
            await server.CrashAsync();
            await scene.AppendAsync(200);
            await scene.FailingAsync("broke");
            await server.StartAgainAsync();
            await scene.AppendAsync(200);
            await scene.StoredAsync();
        }
        Assert.Equal(2700, (await server.RowsAsync("SELECT count(level) FROM drainage_pump", "city"))[0][1].GetInt32());
    }

    private async Task<int> CountAsync(string database) => (await influx.Server.RowsAsync("SELECT count(level) FROM drainage_pump", database))[0][1].GetInt32();

    private async Task WriteTextAsync(string database, string line)
    {
        using var http = new HttpClient();
        using var content = new StringContent(line);
        using var response = await http.PostAsync(new Uri(influx.Server.Url, $"write?db={database}"), content);
        response.EnsureSuccessStatusCode();
    }

    private static InfluxFault FaultOf(string name) => name switch
    {
        "rate limit" => InfluxFault.Busy(),
        "overloaded" => InfluxFault.Unavailable(retryAfter: "1"),
        "the server's own fault" => InfluxFault.ServerError,
        "refuses everything" => InfluxFault.BadRequest,
        "too large, whatever its size" => InfluxFault.TooLarge,
        "token refused" => InfluxFault.Unauthorized,
        "bucket missing" => InfluxFault.BucketMissing,
        "hangs" => InfluxFault.Hang,
        "connection cut" => InfluxFault.Cut,
        "connection cut after it stored" => InfluxFault.CutAfterStoring,
        "connection cut between points and position" => InfluxFault.Cut with { When = request => request.ContentLength < 120 },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
