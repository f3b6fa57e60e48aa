using System.IO.Compression;
using System.Text;
using DuckDB.NET.Data;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Tests.Replay;

public sealed class RecordingTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_line_of_the_log_becomes_the_message_that_it_was()
    {
        var file = _files.Write("log.jsonl", """
            {"received":"2026-06-20T00:00:00.250Z","gateway":"gw-1","family":"drainage_pump","device":"PS-1","district":"西湖","ts":1781913600000,"seq":17,"values":{"sump_level":1.25,"pump_run.2":true,"motor_current.1":null,"power_supply":"mains"},"quality":{"sump_level":"uncertain"}}

            {"received":"2026-06-20T00:00:01Z","gateway":"gw-1","family":"drainage_pump","device":"PS-1","values":{"sump_level":null}}
            {"received":"2026-06-20T00:00:02Z","gateway":"gw-2","family":"drainage_pump","device":"PS-2","values":{"sump_level":2}}
            """);
        var (readings, bad) = Read(file);

        Assert.Empty(bad);
        Assert.Equal(["telemetry/v1/gw-1/drainage_pump/PS-1", "telemetry/v1/gw-2/drainage_pump/PS-2"], readings.Select(reading => ReplayTopic.Of(reading, null)));
        Assert.Equal(
            [
                """{"ts":1781913600000,"seq":17,"values":{"sump_level":1.25,"pump_run.2":true,"power_supply":"mains"},"quality":{"sump_level":"uncertain"}}""",
                """{"values":{"sump_level":2}}""",
            ],
            readings.Select(reading => Encoding.UTF8.GetString(ReplayPayload.Write(reading, 0))));
        Assert.Equal((1781913600250, "西湖"), (readings[0].Time, readings[0].District));
    }

    [Fact]
    public void Each_bad_line_is_said_with_everything_that_is_wrong_in_it()
    {
        var file = _files.Write("log.jsonl", """
            {"received":"2026-06-20T00:00:00Z","gateway":"g","family":"f","device":"d","values":{"a":1}}
            {"received":"yesterday","gateway":"a/b","family":"f","device":"d","ts":1.5,"values":[]}
            {"received":
            [1]
            {"received":"2026-06-20T00:00:00Z","gateway":"\ud800","family":"f","device":"d","values":{"a":1}}
            """);
        var (readings, bad) = Read(file);

        Assert.Single(readings);
        Assert.Equal([2, 3, 4, 5], bad.Select(row => row.Line));
        foreach (var part in new[] { "received:", "gateway:", "ts:", "values:" })
            Assert.Contains(part, bad[0].What, StringComparison.Ordinal);
        Assert.StartsWith("not JSON", bad[1].What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("store.csv", """
        time,receivedTime,family,device,channel,value,state,quality,seq
        2026-06-20T00:00:00.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-1,sump_level,1.25,,uncertain,17
        2026-06-20T00:00:00.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-2,sump_level,7.0,,good,
        2026-06-20T00:00:00.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-1,pump_run.2,1.0,,good,17
        2026-06-20T00:00:00.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-1,power_supply,,mains,good,17
        2026-06-20T00:00:01.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-1,sump_level,,,bad,18
        2026-06-20T00:00:02.000Z,2026-06-20T00:00:00.050Z,drainage_pump,PS-1,sump_level,1.5,,good,19
        """)]
    [InlineData("store.jsonl", """
        {"time":"2026-06-20T00:00:00.000Z","receivedTime":"2026-06-20T00:00:00.050Z","family":"drainage_pump","device":"PS-1","channel":"sump_level","value":1.25,"state":null,"quality":"uncertain","seq":17}
        {"time":"2026-06-20T00:00:00.000Z","receivedTime":"2026-06-20T00:00:00.050Z","family":"drainage_pump","device":"PS-2","channel":"sump_level","value":7.0,"quality":"good"}
        {"time":"2026-06-20T00:00:00.000Z","receivedTime":"2026-06-20T00:00:00.050Z","family":"drainage_pump","device":"PS-1","channel":"pump_run.2","value":1.0,"state":null,"quality":"good","seq":17}
        {"time":"2026-06-20T00:00:00.000Z","receivedTime":"2026-06-20T00:00:00.050Z","family":"drainage_pump","device":"PS-1","channel":"power_supply","value":null,"state":"mains","quality":"good","seq":17}
        {"time":"2026-06-20T00:00:01.000Z","family":"drainage_pump","device":"PS-1","channel":"sump_level","value":null,"quality":"bad","seq":18}
        {"time":"2026-06-20T00:00:02.000Z","family":"drainage_pump","device":"PS-1","channel":"sump_level","value":1.5,"quality":"good","seq":19}
        """)]
    public void Rows_of_the_store_become_readings_again_and_a_truth_is_a_truth(string name, string text)
    {
        var (readings, bad) = Read(_files.Write(name, text));

        Assert.Empty(bad);
        Assert.Equal(
            [
                """PS-1 {"ts":1781913600000,"seq":17,"values":{"sump_level":1.25,"pump_run.2":true,"power_supply":"mains"},"quality":{"sump_level":"uncertain"}}""",
                """PS-2 {"ts":1781913600000,"values":{"sump_level":7}}""",
                """PS-1 {"ts":1781913602000,"seq":19,"values":{"sump_level":1.5}}""",
            ],
            readings.Select(reading => $"{reading.Device} {Encoding.UTF8.GetString(ReplayPayload.Write(reading, 0))}"));
    }

    [Fact]
    public void A_bad_row_of_the_store_names_its_line()
    {
        var (readings, bad) = Read(_files.Write("store.csv", """
            time,receivedTime,family,device,channel,value,state,quality,seq
            2026-06-20 00:00:00,,drainage_pump,PS-1,sump_level,x,,fine,one
            2026-06-20T00:00:00Z,,drainage_pump,PS-1
            2026-06-20T00:00:00Z,,drainage_pump,"PS-1,sump_level,1,,good,1
            2026-06-20T00:00:00Z,,drainage_pump,PS-1,sump_level,1,,good,1
            """));

        Assert.Single(readings);
        Assert.Equal([2, 3, 4], bad.Select(row => row.Line).Distinct());
        foreach (var part in new[] { "time '2026-06-20 00:00:00'", "value 'x'", "quality 'fine'", "seq 'one'" })
            Assert.Contains(part, bad[0].What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.parquet", "no Parquet at all", "x.parquet: ")]
    [InlineData("x.csv", "time,family,device,channel,min,mean,max,last,lastState,count", "the header has no value, state, quality, seq")]
    [InlineData("x.csv", "", "the header has no time")]
    [InlineData("x.txt", "", "a name that ends in .jsonl or .csv")]
    public void A_file_of_another_kind_is_refused_with_what_would_be_right(string name, string text, string why) =>
        Assert.Contains(why, Assert.Throws<RecordingException>(() => Read(_files.Write(name, text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_Parquet_export_is_read_like_the_same_export_as_CSV()
    {
        const string rows = """
            SELECT * FROM (VALUES
                (epoch_ms(1781913600000)::TIMESTAMPTZ, epoch_ms(1781913601000)::TIMESTAMPTZ, 'drainage_pump', 'PS-1', 'sump_level', 1.25, NULL, 'good', 7),
                (epoch_ms(1781913600000)::TIMESTAMPTZ, epoch_ms(1781913601000)::TIMESTAMPTZ, 'drainage_pump', 'PS-1', 'pump_run.2', 1.0, NULL, 'uncertain', 7),
                (epoch_ms(1781913610500)::TIMESTAMPTZ, epoch_ms(1781913611000)::TIMESTAMPTZ, 'drainage_pump', 'PS-1', 'power_supply', NULL, 'lost', 'good', NULL),
                (epoch_ms(1781913620000)::TIMESTAMPTZ, epoch_ms(1781913621000)::TIMESTAMPTZ, 'drainage_pump', 'PS-1', 'sump_level', NULL, NULL, 'bad', NULL),
                (epoch_ms(1781913630000)::TIMESTAMPTZ, epoch_ms(1781913631000)::TIMESTAMPTZ, 'drainage_pump', 'PS/1', 'sump_level', 0.1, NULL, 'good', NULL)
            ) AS readings(time, receivedTime, family, device, channel, value, state, quality, seq)
            """;
        var (parquet, csv) = (_files.PathOf("it's.parquet"), _files.PathOf("x.csv"));
        Duck($"COPY ({rows}) TO '{parquet.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet)");
        Duck($"COPY (SELECT strftime(time, '%Y-%m-%dT%H:%M:%S.%gZ') AS time, * EXCLUDE time FROM ({rows})) TO '{csv}' (FORMAT csv, HEADER true)");

        var (readings, bad) = Read(parquet);
        Assert.Equal(["""{"sump_level":1.25,"pump_run.2":true}""", """{"power_supply":"lost"}"""], readings.Select(reading => reading.Values));
        Assert.Equal((1781913600000, 7, """{"pump_run.2":"uncertain"}"""), (readings[0].SentTime, readings[0].Sequence, readings[0].Quality));
        Assert.Equal(Read(csv).Readings, readings);
        Assert.Equal((5, "device 'PS/1': a name without / + # would be right"), (Assert.Single(bad).Line, bad[0].What));
    }

    [Fact]
    public void A_Parquet_file_of_buckets_is_refused_with_what_would_be_right()
    {
        Duck($"COPY (SELECT now() AS time, 'PS-1' AS device, 'sump_level' AS channel, 1.0 AS mean) TO '{_files.PathOf("x.parquet")}' (FORMAT parquet)");
        Assert.Contains("has no family, value, state, quality, seq; a Parquet file of export (without --every) would be right", Assert.Throws<RecordingException>(() => Read(_files.PathOf("x.parquet"))).Message, StringComparison.Ordinal);
    }

    private static void Duck(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone = 'UTC'; " + sql;
        command.ExecuteNonQuery();
    }

    [Fact]
    public void Several_files_come_as_one_in_the_order_of_their_times_filtered()
    {
        var one = _files.Write("1.jsonl", Line(0, "a") + Line(2, "a") + Line(4, "b"));
        var two = _files.PathOf("2.jsonl.gz");
        using (var gzip = new GZipStream(File.Create(two), CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(Line(1, "b") + Line(2, "b") + Line(9, "a")));

        Assert.Equal("0a 1b 2a 2b 4b 9a", Order(new ReplayFilter()));
        Assert.Equal("1b 2b 4b", Order(new ReplayFilter(Device: "b")));
        Assert.Equal("2a 2b 4b", Order(new ReplayFilter(From: 2000, To: 9000)));
        Assert.Equal("1b 2b 4b", Order(new ReplayFilter(District: "East")));
        Assert.Equal("", Order(new ReplayFilter(Family: "tunnel")));
        Assert.Equal("0a 1b 2a 2b 4b 9a", Order(new ReplayFilter(Through: "g")));
        Assert.Equal("", Order(new ReplayFilter(Through: "other")));
        var survey = new Recording([one, two], null, new ReplayFilter(Device: "b")).Look(TestContext.Current.CancellationToken);
        Assert.Equal((3, 1000, 4000, "b"), (survey.Readings, survey.First, survey.Last, Assert.Single(survey.Devices)));

        string Order(ReplayFilter filter) => string.Join(' ', new Recording([one, two], null, filter).Read(row => Assert.Fail(row.ToString())).Select(reading => $"{reading.Time / 1000}{reading.Device}"));

        static string Line(int second, string device) =>
            $$$"""{"received":{{{second * 1000}}},"gateway":"g","family":"drainage_pump","device":"{{{device}}}","district":"{{{(device == "b" ? "East" : "West")}}}","values":{"sump_level":1}}""" + "\n";
    }

    private static (List<RecordedReading> Readings, List<BadRow> Bad) Read(string file)
    {
        var bad = new List<BadRow>();
        return ([.. new Recording([file], null, new ReplayFilter()).Read(bad.Add)], bad);
    }
}
