using System.Text;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Tests.Replay;

public sealed class CsvMappingTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Columns_become_channels_in_their_units_and_local_times_UTC()
    {
        var readings = Read(
            """
            separator: ";"
            decimal: ","
            missing: [-9999]
            gateway: bellinge
            family: drainage_pump
            device: {column: station, is: {G71F05R: PS-01}}
            time: {column: Tid, format: "dd-MM-yyyy HH:mm", zone: Europe/Copenhagen}
            columns:
              level: {channel: sump_level, unit: mm, plus: 100}
              run: {channel: pump_run.1, is: {ON: true, OFF: false}}
              net: {channel: power_supply, is: {0: lost, 1: mains}}
              spare: {channel: road_water_depth}
            """,
            """
            Tid;station;level;run;net;spare;other
            20-06-2026 10:01;PS-02;1250,5;OFF;1;;x
            20-06-2026 10:00;G71F05R;400;ON;0;-9999;x
            """);

        Assert.Equal(
            [
                """telemetry/v1/bellinge/drainage_pump/PS-01 {"ts":1781942400000,"values":{"sump_level":0.5,"power_supply":"lost","pump_run.1":true}}""",
                """telemetry/v1/bellinge/drainage_pump/PS-02 {"ts":1781942460000,"values":{"sump_level":1.3505,"power_supply":"mains","pump_run.1":false}}""",
            ],
            readings.Select(Sorted));
    }

    [Fact]
    public void Rows_of_a_value_each_are_joined_by_device_and_time()
    {
        var readings = Read(
            """
            family: drainage_pump
            device: {column: site}
            time: {column: t, format: unix}
            long: {name: parameter, value: v}
            columns:
              LEVEL: {channel: sump_level}
              RAIN: {channel: rainfall, times: 0.2, device: RG-1}
            """,
            """
            t,site,parameter,v
            1781942400,A,LEVEL,1
            1781942400,B,LEVEL,2
            1781942400,A,RAIN,3
            1781942400,A,BATTERY,12
            """);

        Assert.Equal(["A {\"sump_level\":1}", "B {\"sump_level\":2}", "RG-1 {\"rainfall\":0.6}"], readings.Select(reading => $"{reading.Device} {reading.Values}"));
    }

    [Fact]
    public void All_mistakes_of_a_mapping_are_said_at_once_with_their_lines()
    {
        var message = Assert.Throws<RecordingException>(() => CsvMappingReader.Read("map.yaml", """
            separator: ";;"
            family: drainage_pumps
            time: {column: t, format: "dd-MM-yyyy HH:mm"}
            columns:
              a: {channel: sump_level, unit: Pa}
              b: {channel: sump_levle, family: drainage_pump}
              c: {channel: pump_run.1, family: drainage_pump}
              d: {channel: power_supply, family: drainage_pump, is: {0: off}, time: 3}
              e: {channel: sump_level, family: drainage_pump, unit: Pa, times: two}
            """)).Message;

        var lines = message.Split('\n');
        Assert.All(lines, line => Assert.StartsWith("map.yaml:", line, StringComparison.Ordinal));
        foreach (var (line, part) in new[]
        {
            (1, "device is missing"), (1, "one character"), (2, "there is no family 'drainage_pumps'; did you mean 'drainage_pump'?"), (3, "zone"), (6, "no channel 'sump_levle'"), (7, "is: {1: true, 0: false}"),
            (8, "'off' is no value of power_supply"), (8, "unknown key 'time'"), (9, "'Pa' can't be converted"), (9, "'two' is not a number"),
        })
            Assert.Contains(lines, said => said.StartsWith($"map.yaml:{line}:", StringComparison.Ordinal) && said.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_bad_row_is_said_with_its_line_and_missing_columns_all_at_once()
    {
        const string Map = """
            skip: 2
            family: drainage_pump
            device: PS-1
            time: {column: t, format: "yyyy-MM-dd HH:mm", zone: Europe/Copenhagen}
            columns: {level: {channel: sump_level}, run: {channel: pump_run.1, is: {1: true}}}
            """;
        var bad = new List<BadRow>();
        var readings = Read(
            Map,
            """
            Lib = 0.3.0 "
            SN = 4D02
            t,level,run
            2026-03-29 02:30,1,1
            20.06.2026,1,1
            2026-06-20 10:00,high,1
            2026-06-20 10:01,1,7
            2026-06-20 10:02,1
            2026-06-20 10:03,1,1
            """,
            bad.Add);

        Assert.Equal([4, 5, 6, 7, 8], bad.Select(row => row.Line));
        Assert.Contains("does not exist in Europe/Copenhagen", bad[0].What, StringComparison.Ordinal);
        Assert.Contains("'20.06.2026' is no time; yyyy-MM-dd HH:mm would be right", bad[1].What, StringComparison.Ordinal);
        Assert.Contains("column level: 'high' is no number", bad[2].What, StringComparison.Ordinal);
        Assert.Contains("column run: '7' is not among 1", bad[3].What, StringComparison.Ordinal);
        // What was right in lines 6 and 7 is kept: each value stands alone.
        Assert.Equal(3, readings.Count);
        Assert.Contains("no level, run; it has t, x", Assert.Throws<RecordingException>(() => Read(Map, "\n\nt,x\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decimal_comma_is_asked_for_and_a_conversion_adds_no_digits()
    {
        const string Map = """
            separator: ";"
            family: drainage_pump
            device: PS-01
            time: {column: t, format: "yyyy-MM-dd HH:mm", zone: Asia/Shanghai}
            columns: {cm: {channel: sump_level, unit: cm}}
            """;
        const string Csv = "t;cm\n2026-06-20 10:00;102,9\n";
        var bad = new List<BadRow>();
        Assert.Empty(Read(Map, Csv, bad.Add));
        Assert.Equal("column cm: '102,9' is no number; where the comma is a decimal one, write in the mapping: decimal: \",\"", Assert.Single(bad).What);
        Assert.Equal("""telemetry/v1/replay/drainage_pump/PS-01 {"ts":1781920800000,"values":{"sump_level":1.029}}""", Sorted(Assert.Single(Read("decimal: \",\"\n" + Map, Csv))));
    }

    [Theory]
    [InlineData("", "empty; a mapping file begins with time: {column: NAME}")]
    [InlineData("separator: \";\"\ndecimal: \";\"\n", "map.yaml:2:10: decimal: ';' stands between cells already")]
    public void A_mapping_that_cannot_be_meant_says_what_would_be_right(string map, string expected) =>
        Assert.Contains(expected, Assert.Throws<RecordingException>(() => CsvMappingReader.Read("map.yaml", map)).Message, StringComparison.Ordinal);

    private static string Sorted(RecordedReading reading) => $"{ReplayTopic.Of(reading, null)} {Encoding.UTF8.GetString(ReplayPayload.Write(reading, 0))}";

    private List<RecordedReading> Read(string map, string csv, Action<BadRow>? bad = null) =>
        [.. new Recording([_files.Write("own.csv", csv)], CsvMappingReader.Read("map.yaml", map), new ReplayFilter()).Read(bad ?? (row => Assert.Fail(row.ToString())))];
}
