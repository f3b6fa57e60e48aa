using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx.Series;

/// <summary>What stands in a real influxd after timelines of alarms; times are seconds of log time.</summary>
public sealed class SeriesTests(InfluxdFixture influx)
{
    private const string Transition = "rule state underlying severity calls open";

    [Fact]
    public async Task Each_transition_is_a_point_with_what_a_panel_needs()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.ReadAsync("ps-1", "level=2.3");
        await scene.PassAsync(10);
        await scene.ReadAsync("ps-1", "level=3");
        await scene.ActAsync("acknowledge", "level_high");
        await scene.PassAsync(10);
        await scene.ActAsync("shelve", "level_high", forSeconds: 1800);
        await scene.PassAsync(10);
        await scene.ActAsync("unshelve", "level_high");
        await scene.PassAsync(10);
        await scene.ReadAsync("ps-1", "level=1");
        await scene.PassAsync(10);
        await scene.ReadAsync("ps-1", "command.2=true run.2=false");
        await scene.PassAsync(10);
        await scene.ReadAsync("ps-1", "run.2=true");
        await scene.ActAsync("acknowledge", "not_started");
        await scene.ActAsync("reset", "not_started");
        await scene.PassAsync(10);
        await scene.ReadAsync("ps-1", "temperature=60");
        await scene.CaughtUpAsync();

        Assert.Equal(
            [
                "0 level_high 1 1 2 1 1",
                "10 level_high 1 1 1 1 1",
                "10 level_high 2 2 1 0 1",
                "20 level_high 6 2 1 0 1",
                "30 level_high 1 1 1 1 1",
                "40 level_high 3 3 1 0 1",
                "50 not_started 1 1 2 1 1",
                "60 not_started 4 4 2 0 1",
                "60 not_started 5 5 2 0 1",
                "60 not_started 0 0 2 0 0",
                "70 hot 0 0 4 0 0",
            ],
            await scene.LookAsync("alarm", Transition.Split(' ')));
        var points = await scene.PointsAsync("alarm");
        Assert.Equal(["0 2.3 2", "10 3 2.6"], (await scene.LookAsync("alarm", "value", "limit")).Take(2));
        var first = points[0].Values;
        Assert.Equal(("ps-1", "Yuexiu", "pump", "南京路", "Level high · 水位高"), (Text(first, "device"), Text(first, "district"), Text(first, "family"), Text(first, "street"), Text(first, "title")));
        Assert.Equal((23.1, 113.25, SeriesScene.Zero, 0), (first["latitude"].GetDouble(), first["longitude"].GetDouble(), first["raised"].GetInt64(), first["kind"].GetInt32()));
        Assert.Equal("2", Text(points[6].Values, "instance"));
        Assert.False(points[0].Values.ContainsKey("instance"));
        Assert.Equal(2, points[^1].Values["kind"].GetInt32());
        await EveryTransitionIsOnePointAsync(scene);
    }

    [Fact]
    public async Task What_late_readings_retract_stands_at_the_times_that_they_give()
    {
        // With one bucket for everything.
        await using var scene = await SeriesScene.StartAsync(influx.Server, await influx.NewDatabaseAsync(), oneBucket: true);
        await scene.ReadAsync("ps-1", "cover=closed");
        await scene.PassAsync(20);
        await scene.ReadAsync("ps-1", "cover=open", ago: 10);
        await scene.PassAsync(5);
        await scene.ReadAsync("ps-1", "cover=closed", ago: 20);
        await scene.ReadAsync("ps-1", "cover=closed", ago: 15);
        await scene.PassAsync(60);
        await scene.ReadAsync("ps-1", "level=3", ago: 40);
        await scene.ReadAsync("ps-1", "level=1", ago: 30);
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();
        await EveryTransitionIsOnePointAsync(scene);
        // Event time, though it was known later.
        Assert.Contains("10 cover_open 1 1", await scene.LookAsync("alarm", "rule", "state", "underlying"));
        Assert.Contains("45 level_high 1 1", await scene.LookAsync("alarm", "rule", "state", "underlying"));
    }

    [Fact]
    public async Task A_devices_state_is_the_worst_that_an_operator_sees_of_it()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.RegisterAsync("ps-2", district: null, street: null, latitude: null);
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.ReadAsync("ps-2", "cover=closed");
        await scene.PassAsync(10);
        await scene.CaughtUpAsync();
        await scene.ReadAsync("ps-1", "level=2.3");
        await scene.PassAsync(10);
        await scene.ActAsync("shelve", "level_high", forSeconds: 300);
        await scene.PassAsync(600);
        // It expired, and ps-2 has been silent for 25 minutes, which nobody may overlook.
        for (var minute = 0; minute < 16; minute++)
        {
            await scene.ReadAsync("ps-1", "cover=closed level=1");
            await scene.PassAsync(60);
        }
        await scene.CaughtUpAsync();

        var looks = await scene.LookAsync("device_state", "device", "worst", "open", "silent");
        Assert.Equal(["0 ps-1 2 1 0", "10 ps-1 3 2 0", "20 ps-1 2 1 0", "320 ps-1 3 2 0"], looks.Where(look => look.Contains("ps-1", StringComparison.Ordinal)).Take(4));
        Assert.Contains("1505 ps-2 1 1 1", looks);
        // Nobody acknowledged: cleared, and still to be seen.
        Assert.EndsWith("ps-1 3 2 0", looks.Last(look => look.Contains("ps-1", StringComparison.Ordinal)), StringComparison.Ordinal);
        scene.Elapse(TimeSpan.FromSeconds(10));
        await scene.CaughtUpAsync();
        Assert.Equal(1, (await scene.PointsAsync("telemetry_service"))[^1].Values["devices_silent"].GetInt32());
        // A map shows the calm ones too.
        Assert.Contains(looks, look => look.Contains("ps-2 0 0 0", StringComparison.Ordinal));
        var point = (await scene.PointsAsync("device_state")).First(point => Text(point.Values, "device") == "ps-1").Values;
        Assert.Equal(("Yuexiu", "南京路", 23.1), (Text(point, "district"), Text(point, "street"), point["latitude"].GetDouble()));
    }

    [Fact]
    public async Task An_open_alarm_is_said_again_each_hour_and_calls_nobody()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.CaughtUpAsync();
        for (var hour = 0; hour < 3; hour++)
            await scene.StrideAsync();
        await scene.CaughtUpAsync();
        await scene.RestartAsync();
        await scene.StrideAsync();
        await scene.ReadAsync("ps-1", "cover=closed");
        await scene.StrideAsync();
        await scene.CaughtUpAsync();

        var looks = await scene.LookAsync("alarm", "rule", "state", "open", "calls", "again");
        Assert.Equal(["0 cover_open 1 1 1 0", .. Enumerable.Range(1, 4).Select(hour => $"{hour * 3600} cover_open 1 1 0 1")], looks[..5]);
        Assert.EndsWith(" 0 0", looks[5], StringComparison.Ordinal);
        var raised = (await scene.PointsAsync("alarm")).Select(point => (Text(point.Values, "id"), point.Values["raised"].GetInt64())).Distinct();
        Assert.Single(raised);
    }

    [Fact]
    public async Task A_street_says_each_hour_where_it_is_and_how_many_devices_it_has()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.RegisterAsync("ps-2");
        await scene.CaughtUpAsync();
        await scene.StrideAsync();
        await scene.CaughtUpAsync();

        Assert.Equal(["0 Yuexiu 南京路 pump 2 23.1 113.25", "3600 Yuexiu 南京路 pump 2 23.1 113.25"], await scene.LookAsync("street_state", "district", "street", "family", "devices", "latitude", "longitude"));
    }

    [Fact]
    public async Task What_stands_is_said_again_each_hour_and_what_is_calm_once_a_day()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.RegisterAsync("ps-2");
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.ReadAsync("ps-2", "cover=closed");
        await scene.CaughtUpAsync();
        // An hour at a stride: what elapses at once ages no silence.
        for (var hour = 0; hour < 30; hour++)
            await scene.StrideAsync();
        await scene.CaughtUpAsync();
        var looks = await scene.LookAsync("device_state", "device", "worst");
        Assert.Equal(Enumerable.Range(0, 31).Select(hour => $"{hour * 3600} ps-1 2"), looks.Where(look => look.Contains("ps-1", StringComparison.Ordinal)));
        var calm = (await scene.PointsAsync("device_state")).Where(point => Text(point.Values, "device") == "ps-2").Select(point => point.Time).ToArray();
        Assert.InRange(calm.Length, 2, 3);
        Assert.All(calm.Zip(calm.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, 86_400));
    }

    [Fact]
    public async Task A_device_that_moved_is_calm_where_it_was()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.CaughtUpAsync();
        await scene.PassAsync(10);
        await scene.RegisterAsync("ps-1", district: "Haizhu");
        await scene.CaughtUpAsync();
        Assert.Equal(["0 Yuexiu 2", "10 Haizhu 2", "10 Yuexiu 0"], (await scene.LookAsync("device_state", "district", "worst")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_minute_has_the_figures_of_each_district_and_family()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.RegisterAsync("ps-2");
        await scene.RegisterAsync("ps-3", district: null);
        await scene.ReadAsync("ps-1", "level=2.3 cover=open");
        await scene.PassAsync(60);
        await scene.ReadAsync("ps-2", "level=3", ago: 15);
        await scene.ActAsync("acknowledge", "cover_open");
        await scene.PassAsync(60);
        await scene.ActAsync("shelve", "level_high", "ps-2", forSeconds: 1800);
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();
        string[] names = ["district", "family", "devices", "silent", "critical", "high", "medium", "low", "unacknowledged", "oldest_unacknowledged_s", "data_age_s"];
        Assert.Equal(
            [
                "60 Yuexiu pump 2 0 0 1 1 0 2 60 60",
                "60 _ pump 1 0 0 0 0 0 0 0 -",
                "120 Yuexiu pump 2 0 1 1 1 0 2 120 75",
                "120 _ pump 1 0 0 0 0 0 0 0 -",
                "180 Yuexiu pump 2 0 0 1 1 0 1 180 135",
                "180 _ pump 1 0 0 0 0 0 0 0 -",
            ],
            (await scene.LookAsync("district_state", names)).Where(look => look[0] != '0'));
    }

    [Fact]
    public async Task Each_minute_has_the_load_of_each_position()
    {
        await using var scene = await StartAsync();
        for (var device = 0; device < 12; device++)
            await scene.ReadAsync($"ps-{device}", device < 2 ? "level=3" : "cover=open");
        await scene.ActAsync("acknowledge", "cover_open", "ps-5");
        await scene.PassAsync(60);
        await scene.PassAsync(600);
        await scene.CaughtUpAsync();
        var looks = await scene.LookAsync(
            "operator_load", "position", "alarms_10min", "alarms_1h", "alarms_24h", "critical_24h", "high_24h", "medium_24h", "low_24h", "standing", "unacknowledged", "flood", "flood_minutes_24h");
        Assert.Contains("540 city 12 12 12 2 0 10 0 12 11 1 9", looks);
        // Those of the beginning are ten minutes old, and at the two critical ones nobody has arrived in time.
        Assert.Contains("600 city 2 14 14 4 0 10 0 14 13 0 10", looks);
        var last = (await scene.PointsAsync("operator_load"))[^1].Values;
        Assert.Equal(10.0 / 14, last["top10_share"].GetDouble(), 9);
        Assert.Equal((0, 0, 0), (last["stale"].GetInt32(), last["shelved"].GetInt32(), last["chattering"].GetInt32()));
    }

    [Fact]
    public async Task The_service_says_how_it_is_every_ten_seconds_and_remembers_while_nobody_listens()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.ReadAsync("ps-1", "level=1");
        await scene.AddAsync(new GatewayEntry("gw", up: false, "status"));
        await scene.PassAsync(15);
        await scene.CaughtUpAsync();
        scene.Gate.Fault = InfluxFault.Unavailable();
        var before = (await scene.PointsAsync("telemetry_service")).Count;
        for (var i = 0; i < 120; i++)
            scene.Elapse(TimeSpan.FromSeconds(10));
        Assert.True(scene.Writers.Single(writer => writer.Name == "telemetry_service").Behind >= 1_190_000);
        scene.Gate.Fault = null;
        await scene.CaughtUpAsync();
        var points = await scene.PointsAsync("telemetry_service");
        Assert.True(points.Count >= before + 120, $"{points.Count} after {before}");
        Assert.All(points.Zip(points.Skip(1)), pair => Assert.InRange(pair.Second.Time - pair.First.Time, 1, 10));
        var last = points[^1].Values;
        Assert.Equal((1, 0, 1, 1, 0), (last["devices"].GetInt32(), last["devices_silent"].GetInt32(), last["gateways"].GetInt32(), last["gateways_down"].GetInt32(), last["rules_lag"].GetInt32()));
        Assert.Equal((16L << 30, 1), (last["budget_bytes"].GetInt64(), last["accepted"].GetInt32()));
        string[] rest = ["received", "duplicates", "rejected", "late", "dead_letters", "log_position", "store_lag", "unread_bytes", "uptime_s", "log"];
        Assert.All(rest, name => Assert.Contains(name, last.Keys));
    }

    [Fact]
    public async Task A_restart_anywhere_gives_the_same_points()
    {
        string whole;
        await using (var scene = await StartAsync())
        {
            await StoryAsync(scene, () => Task.CompletedTask);
            await scene.CaughtUpAsync();
            whole = await scene.AllAsync();
        }
        await using var restarted = await StartAsync();
        var step = 0;
        await StoryAsync(restarted, () => step++ % 3 == 0 ? restarted.RestartAsync(replay: step % 2 == 0) : step % 3 == 0 ? restarted.CaughtUpAsync() : Task.CompletedTask);
        await restarted.CaughtUpAsync();
        Assert.Equal(whole, await restarted.AllAsync());
        Assert.All(SeriesScene.OfTheLog, measurement => Assert.Contains(measurement + ' ', whole, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_was_away_for_an_hour_lacks_nothing()
    {
        await using var scene = await StartAsync();
        await scene.RegisterAsync("ps-1");
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();
        scene.Gate.Fault = InfluxFault.Unavailable();
        for (var minute = 0; minute < 62; minute++)
        {
            await scene.ReadAsync("ps-1", minute % 2 == 0 ? "level=3" : "level=1");
            await scene.PassAsync(60);
        }
        Assert.True(scene.Database.MinuteLines.Waiting >= 62 * 2);
        scene.Elapse(TimeSpan.FromSeconds(40));
        await scene.RestartAsync();
        scene.Gate.Fault = null;
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();

        await EveryTransitionIsOnePointAsync(scene);
        Assert.Equal(Enumerable.Range(1, 64).Select(minute => minute * 60.0), (await scene.PointsAsync("operator_load")).Select(point => point.Time).Where(time => time > 0));
        Assert.Equal(Enumerable.Range(1, 64).Select(minute => minute * 60.0), (await scene.PointsAsync("district_state")).Select(point => point.Time).Where(time => time > 0).Distinct());
        var states = await scene.PointsAsync("device_state");
        Assert.Equal(Enumerable.Range(0, 63).Select(minute => minute * 60.0), states.Select(point => point.Time).Distinct());
        // What was sent is gone with the next minute.
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();
        await scene.PassAsync(60);
        Assert.InRange(scene.Database.MinuteLines.Waiting, 1, 3);
    }

    [Fact]
    public async Task An_emptied_database_fills_itself_with_every_transition()
    {
        var name = await influx.NewDatabaseAsync();
        await using var scene = await SeriesScene.StartAsync(influx.Server, name);
        await StoryAsync(scene, () => Task.CompletedTask);
        await scene.CaughtUpAsync();
        var before = await scene.LookAsync("alarm", Transition.Split(' '));
        await influx.Server.DropDatabaseAsync(name);
        await scene.PassAsync(60);
        await scene.ReadAsync("ps-1", "temperature=60");
        var refused = scene.Gate.Requests + 4;
        await scene.EventuallyAsync("writes that are refused", () => scene.Gate.Requests > refused);
        await influx.Server.CreateDatabaseAsync(name);
        await scene.MakePolicyAsync();
        await scene.EventuallyAsync("refilled", () => scene.Writers[0].Behind == 0);
        await scene.CaughtUpAsync();
        await EveryTransitionIsOnePointAsync(scene);
        Assert.Equal(before, (await scene.LookAsync("alarm", Transition.Split(' '))).Take(before.Length));
    }

    [Fact]
    public async Task A_poisoned_line_is_one_dead_letter_and_no_other_loss()
    {
        var name = await influx.NewDatabaseAsync();
        await using var scene = await SeriesScene.StartAsync(influx.Server, name);
        // Of all that follows the event alone has a limit; here it is a text already.
        using (var http = new HttpClient())
        using (var line = new StringContent($"alarm,device=other limit=\"text\" {SeriesScene.Zero}000000\n"))
            Assert.Equal(204, (int)(await http.PostAsync(new Uri(influx.Server.Url, $"write?db={name}&rp=alarms"), line, TestContext.Current.CancellationToken)).StatusCode);
        await scene.ReadAsync("ps-1", "cover=open");
        await scene.ReadAsync("ps-1", "temperature=60");
        await scene.PassAsync(1);
        await scene.ActAsync("acknowledge", "cover_open");
        await scene.ReadAsync("ps-1", "cover=closed");
        await scene.PassAsync(60);
        await scene.CaughtUpAsync();
        Assert.Equal(["0 - -", "0 cover_open 1", "1 cover_open 2", "1 cover_open 0"], await scene.LookAsync("alarm", "rule", "state"));
        await Wait.ForAsync("the dead letter", () => scene.DeadLetters().Count == 1);
        var letter = Assert.Single(scene.DeadLetters());
        Assert.Equal(("influxdb", "store_refused"), (letter.Topic, letter.Reason));
        Assert.StartsWith("field_type_conflict: ", letter.Detail, StringComparison.Ordinal);
        Assert.Contains("rule=hot", System.Text.Encoding.UTF8.GetString(letter.Payload), StringComparison.Ordinal);
        Assert.Equal(1, scene.Writers[0].Refused.Counts["field_type_conflict"]);
    }

    private async Task<SeriesScene> StartAsync() => await SeriesScene.StartAsync(influx.Server, await influx.NewDatabaseAsync());

    private static string Text(Dictionary<string, JsonElement> values, string name) => values[name].GetString()!;

    /// <summary>Two hours with something of everything; <paramref name="between"/> after each step.</summary>
    private static async Task StoryAsync(SeriesScene scene, Func<Task> between)
    {
        await scene.RegisterAsync("ps-1");
        await scene.RegisterAsync("ps-2", district: null, street: null);
        await scene.CaughtUpAsync();
        Func<Task>[] steps =
        [
            () => scene.ReadAsync("ps-1", "level=2.3 cover=open"),
            () => scene.PassAsync(100),
            () => scene.ReadAsync("ps-2", "command.1=true run.1=false level=1"),
            () => scene.ActAsync("acknowledge", "level_high"),
            () => scene.PassAsync(30),
            () => scene.ReadAsync("ps-1", "level=3"),
            () => scene.ActAsync("shelve", "cover_open", forSeconds: 1200),
            () => scene.PassAsync(45),
            () => scene.ReadAsync("ps-2", "run.1=true"),
            () => scene.PassAsync(1800),
            () => scene.ReadAsync("ps-1", "level=1 cover=closed", ago: 30),
            () => scene.ActAsync("reset", "not_started", "ps-2"),
            () => scene.PassAsync(2400),
            () => scene.ReadAsync("ps-2", "temperature=60"),
            () => scene.PassAsync(120),
        ];
        foreach (var step in steps)
        {
            await step();
            await between();
        }
        await scene.PassAsync(60);
    }

    /// <summary>In the order of event time, then of the journal.</summary>
    private static async Task EveryTransitionIsOnePointAsync(SeriesScene scene)
    {
        var expected = scene.Database.Journal(1).Select(row => row.Transition())
            .Select(transition => (transition.At, transition.Alarm.Id, (int)transition.To)).ToList();
        var points = (await scene.PointsAsync("alarm")).Where(point => point.Values["again"].GetInt32() == 0).Select(point => (SeriesScene.Zero + (long)Math.Round(point.Time * 1000), Text(point.Values, "id"), point.Values["state"].GetInt32())).ToList();
        Assert.NotEmpty(points);
        foreach (var alarm in expected.GroupBy(transition => transition.Id))
            Assert.Equal(alarm.OrderBy(transition => transition.At), points.Where(point => point.Item2 == alarm.Key));
        Assert.Equal(expected.Count, points.Count);
    }
}
