using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Gateways.Hj212;

public class Hj212ListenerTests
{
    [Fact]
    public async Task An_upload_is_answered_once_it_is_on_the_disk_and_not_before()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        stations.Log.Hold();

        await station.SendAsync(Station.Upload(1));
        var answer = station.ReceiveAsync();
        await stations.Log.UntilAsync(log => log.Readings.Any());

        Assert.False(answer.IsCompleted);
        stations.Log.Release();
        Assert.Equal(Station.Answer(), await answer);
        var reading = Assert.Single(stations.Log.Readings);
        Assert.Equal(("MN1", "MN1", 1772323199000, 1), (reading.Gateway, reading.Device, reading.SentTime, reading.Values[0].Number));
    }

    [Fact]
    public async Task What_could_not_be_stored_is_not_answered_and_the_connection_ends()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        stations.Log.Hold();
        await station.SendAsync(Station.Upload(1));
        await stations.Log.UntilAsync(log => log.Readings.Any());

        stations.Log.Release(new IOException("the disk is gone"));

        Assert.Equal("", await station.ReceiveAsync());
        Assert.Empty(stations.Log.GatewayChanges);
    }

    [Fact]
    public async Task Only_what_asks_for_an_answer_gets_one()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        // No answer wanted; answers to commands that nobody gave; a notification; a restart, which is an upload that is not read.
        await station.SendAsync(Station.Upload(1, flag: 4));
        foreach (var command in (string[])["9011", "9012", "1013", "2081"])
            await station.SendAsync(Station.Frame($"QN={command};ST=32;CN={command};PW=123456;MN=MN1;Flag=5;CP=&&&&"));

        Assert.Equal(Station.Answer(request: "2081"), await station.ReceiveAsync());
        Assert.Equal([1], stations.Log.Values);
        Assert.Empty(stations.Log.DeadLetters);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 4)]
    [InlineData(9, 8)]
    public async Task The_answer_is_of_the_version_that_the_station_speaks(int flag, int answered)
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync(Station.Upload(1, flag));

        Assert.Equal(Station.Answer(flag: answered), await station.ReceiveAsync());
    }

    [Fact]
    public async Task Each_packet_of_an_upload_is_answered_by_itself()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync(Station.Upload(1, flag: 7, rest: ";PNUM=2;PNO=1") + Station.Upload(2, flag: 7, rest: ";PNUM=2;PNO=2"));

        Assert.Equal((Station.Answer(), Station.Answer()), (await station.ReceiveAsync(), await station.ReceiveAsync()));
        Assert.Equal([1, 2], stations.Log.Values);
    }

    [Fact]
    public async Task Frames_that_come_together_share_an_append_and_frames_in_pieces_are_whole()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync(string.Concat(Enumerable.Range(0, 20).Select(i => Station.Upload(i, request: $"{i:00000000000000000}"))));
        for (var i = 0; i < 20; i++)
            Assert.Equal(Station.Answer(request: $"{i:00000000000000000}"), await station.ReceiveAsync());
        Assert.True(stations.Log.Appends < 20, $"{stations.Log.Appends} appends");
        foreach (var character in Station.Upload(20))
            await station.SendAsync(character.ToString());

        Assert.Equal(Station.Answer(), await station.ReceiveAsync());
        Assert.Equal(Enumerable.Range(0, 21).Select(i => (double)i), stations.Log.Values);
    }

    [Fact]
    public async Task A_frame_is_whole_without_the_line_end_behind_it()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync(Station.Upload(1).TrimEnd());

        Assert.Equal(Station.Answer(), await station.ReceiveAsync());
    }

    [Fact]
    public async Task A_frame_with_a_wrong_CRC_is_a_dead_letter_without_an_answer()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        var wrong = Station.Upload(1).Replace("w00000-Rtd=1", "w00000-Rtd=7", StringComparison.Ordinal);

        await station.SendAsync(wrong + Station.Upload(2, request: "2"));

        Assert.Equal(Station.Answer(request: "2"), await station.ReceiveAsync());
        Assert.Equal([2], stations.Log.Values);
        var letter = Assert.Single(stations.Log.DeadLetters);
        Assert.Equal((RejectReason.Malformed, "hj212/_", wrong.TrimEnd().Replace("PW=123456", "PW=******", StringComparison.Ordinal)), (letter.Reason, letter.Topic, System.Text.Encoding.ASCII.GetString(letter.Payload)));
    }

    [Theory]
    [InlineData("##0300")]
    [InlineData("##0002")]
    [InlineData("##9999")]
    [InlineData("xyz#")]
    [InlineData("##01 1")]
    public async Task A_wrong_length_costs_its_own_frame_and_not_the_one_behind_it(string length)
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        await station.SendAsync(Station.Upload(1, request: "1"));
        Assert.Equal(Station.Answer(request: "1"), await station.ReceiveAsync());

        await station.SendAsync(length + Station.Upload(2)[6..] + Station.Upload(3, request: "3") + new string('x', 10_000) + Station.Upload(4, request: "4"));

        Assert.Equal((Station.Answer(request: "3"), Station.Answer(request: "4")), (await station.ReceiveAsync(), await station.ReceiveAsync()));
        Assert.Equal([1, 3, 4], stations.Log.Values);
        Assert.All(stations.Log.DeadLetters, letter => Assert.Equal((RejectReason.Malformed, "hj212/MN1"), (letter.Reason, letter.Topic)));
        Assert.NotEmpty(stations.Log.DeadLetters);
    }

    [Fact]
    public async Task A_station_that_nobody_registered_is_a_dead_letter_and_answered_since_that_is_kept()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync(Station.Upload(1, station: "MN9"));

        Assert.Equal(Station.Answer("MN9"), await station.ReceiveAsync());
        var letter = Assert.Single(stations.Log.DeadLetters);
        Assert.Equal((RejectReason.UnknownDevice, "hj212/MN9"), (letter.Reason, letter.Topic));
        Assert.StartsWith("MN9 (hj212): ", letter.Detail, StringComparison.Ordinal);
        // The password is the station's login, and the letter can be decoded again without it.
        Assert.Equal(Station.Upload(1, station: "MN9", password: "******").TrimEnd(), System.Text.Encoding.ASCII.GetString(letter.Payload));
    }

    [Fact]
    public async Task Whoever_speaks_something_else_is_shown_the_door_and_leaves_nothing()
    {
        await using var stations = await TestStations.StartAsync();
        using var stranger = stations.Connect();

        await stranger.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal("", await stranger.ReceiveAsync());
        Assert.Empty(stations.Log.Entries);
    }

    [Fact]
    public async Task A_length_that_is_too_long_keeps_nobody_waiting()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();

        await station.SendAsync("##9999" + Station.Upload(1)[6..] + Station.Upload(2));

        Assert.Equal(Station.Answer(), await station.ReceiveAsync());
        Assert.Equal([2], stations.Log.Values);
    }

    [Fact]
    public async Task Frames_that_always_end_in_the_next_piece_are_each_in_time()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        var all = string.Concat(Enumerable.Range(0, 5).Select(i => Station.Upload(i)));

        for (var i = 0; i < 5; i++)
        {
            var length = all.Length / 5;
            await station.SendAsync(i == 0 ? all[..(length + 20)] : i == 4 ? all[(4 * length + 20)..] : all.Substring(i * length + 20, length));
            Assert.Equal(Station.Answer(), await station.ReceiveAsync());
            stations.Time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal([0, 1, 2, 3, 4], stations.Log.Values);
    }

    [Fact]
    public async Task Whoever_says_nothing_is_not_waited_for()
    {
        await using var stations = await TestStations.StartAsync();
        using var stranger = stations.Connect();

        var end = stranger.ReceiveAsync();
        await Wait.ForAsync("the end of the connection", () =>
        {
            stations.Time.Advance(TimeSpan.FromSeconds(30));
            return end.IsCompleted;
        });

        Assert.Equal("", await end);
        Assert.Empty(stations.Log.Entries);
    }

    [Fact]
    public async Task Rubbish_without_end_ends_the_connection_and_fills_no_list()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        await station.SendAsync(Station.Upload(1));
        Assert.Equal(Station.Answer(), await station.ReceiveAsync());

        await station.SendAsync(new string('#', 1000));

        Assert.Equal("", await station.ReceiveAsync());
        Assert.Equal(16, stations.Log.DeadLetters.Count());
    }

    [Theory]
    [InlineData("", 2 * 60)]
    [InlineData("##0457QN=2026", 0.5)]
    public async Task A_connection_on_which_nothing_more_comes_is_closed_and_its_station_down(string begun, double minutes)
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        await station.SendAsync(Station.Upload(1) + begun);
        Assert.Equal(Station.Answer(), await station.ReceiveAsync());

        var end = station.ReceiveAsync();
        // The service begins to wait at its own time; until then there is nothing to run out.
        await Wait.ForAsync("the end of the connection", () =>
        {
            stations.Time.Advance(TimeSpan.FromMinutes(minutes));
            return end.IsCompleted;
        });

        Assert.Equal("", await end);
        await stations.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("MN1", false, "connection_ended")], stations.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_station_that_hangs_up_is_down_and_one_that_the_service_leaves_is_not()
    {
        await using var stations = await TestStations.StartAsync();
        using var stays = stations.Connect();
        await stays.SendAsync(Station.Upload(1, station: "MN2"));
        Assert.Equal(Station.Answer("MN2"), await stays.ReceiveAsync());
        using (var goes = stations.Connect())
        {
            await goes.SendAsync(Station.Upload(1));
            Assert.Equal(Station.Answer(), await goes.ReceiveAsync());
        }
        await stations.Log.UntilAsync(log => log.GatewayChanges.Any());

        stations.Listener.Stop();

        Assert.Equal("", await stays.ReceiveAsync());
        Assert.Equal([("MN1", false, "connection_ended")], stations.Log.GatewayChanges);
    }

    [Fact]
    public async Task With_credentials_a_station_is_let_in_by_its_MN_and_PW()
    {
        using var credentials = new Credentials();
        credentials.WriteGateways("MN1");
        await using var stations = await TestStations.StartAsync(credentials.Logins);
        using var known = stations.Connect();
        await known.SendAsync(Station.Upload(1, password: Credentials.Password) + Station.Upload(2, password: Credentials.Password));
        Assert.Equal(Station.Answer(password: Credentials.Password), await known.ReceiveAsync());
        Assert.Equal(Station.Answer(password: Credentials.Password), await known.ReceiveAsync());

        foreach (var refused in (string[])[Station.Upload(3), Station.Upload(4, station: "MN2", password: Credentials.Password), "##0001x0000\r\n"])
        {
            using var stranger = stations.Connect();
            await stranger.SendAsync(refused);
            Assert.Equal("", await stranger.ReceiveAsync());
        }
        await known.SendAsync(Station.Upload(5, password: Credentials.Password) + Station.Upload(6, station: "MN2", password: Credentials.Password));

        Assert.Equal(Station.Answer(password: Credentials.Password), await known.ReceiveAsync());
        Assert.Equal("", await known.ReceiveAsync());
        Assert.Equal([1, 2, 5], stations.Log.Values);
        Assert.Empty(stations.Log.DeadLetters);
        Assert.Equal((1, 2), (credentials.Failures.Counts[("hj212", "wrong_password")], credentials.Failures.Counts[("hj212", "unknown_name")]));
    }

    [Fact]
    public async Task A_flood_of_frames_is_stored_in_order_whatever_the_size_of_its_pieces()
    {
        await using var stations = await TestStations.StartAsync();
        using var station = stations.Connect();
        var all = string.Concat(Enumerable.Range(0, 2_000).Select(i => Station.Upload(i, flag: 4))) + Station.Upload(2_000);
        var random = new Random(1);

        for (var at = 0; at < all.Length;)
        {
            var length = Math.Min(random.Next(1, 5_000), all.Length - at);
            await station.SendAsync(all.Substring(at, length));
            at += length;
        }

        Assert.Equal(Station.Answer(), await station.ReceiveAsync());
        Assert.Equal(Enumerable.Range(0, 2_001).Select(i => (double)i), stations.Log.Values);
    }

    [Fact]
    public async Task A_flood_of_connections_that_say_nothing_is_cut_off_and_a_station_that_is_in_stays()
    {
        await using var stations = await TestStations.StartAsync(limits: new GatewayLimits { StrangersPerAddress = 3 });
        using var inside = stations.Connect();
        await inside.SendAsync(Station.Upload(1));
        Assert.Equal(Station.Answer(), await inside.ReceiveAsync());
        var flood = Enumerable.Range(0, 10).Select(_ => stations.Connect()).ToList();
        await Wait.ForAsync("the refusals", () => stations.Gate.Refused.GetValueOrDefault("address") == 7);
        Assert.Equal(4, stations.Gate.Open);
        await inside.SendAsync(Station.Upload(2));
        Assert.Equal(Station.Answer(), await inside.ReceiveAsync());
        // Those of the flood that are left say nothing in time.
        await Wait.ForAsync("their end", () =>
        {
            stations.Time.Advance(Ingest.Gateways.Hj212.Hj212Connection.MaxUnderWay);
            return stations.Gate.Open == 1;
        });
        Assert.Equal(3, stations.Gate.Refused["no_connect"]);
        flood.ForEach(stranger => stranger.Dispose());
        Assert.Equal([1, 2], stations.Log.Values);
    }

    [Fact]
    public async Task At_the_limit_of_all_connections_the_next_is_closed_and_has_room_once_one_is_gone()
    {
        await using var stations = await TestStations.StartAsync(limits: new GatewayLimits { Total = 1 });
        using (var first = stations.Connect())
        {
            await first.SendAsync(Station.Upload(1));
            Assert.Equal(Station.Answer(), await first.ReceiveAsync());
            using var second = stations.Connect();
            await second.SendAsync(Station.Upload(2, station: "MN2"));
            Assert.Equal("", await second.ReceiveAsync());
        }
        await Wait.ForAsync("room", async () =>
        {
            using var third = stations.Connect();
            await third.SendAsync(Station.Upload(3, station: "MN2"));
            return await third.ReceiveAsync() == Station.Answer("MN2");
        });
        Assert.Equal([1, 3], stations.Log.Values.Distinct());
    }
}
