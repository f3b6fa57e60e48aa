using System.Formats.Cbor;
using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Senml;

namespace Telemetry.Ingest.Tests.Decoding.Senml;

/// <summary>How the records of a pack are resolved (RFC 8428, section 4), in both of its forms. Whole messages: the golden cases.</summary>
public class SenmlTests
{
    [Theory]
    // The base name is the device, what stands behind it the field; what joins them belongs to neither.
    [InlineData(null, "urn:dev:ow:10e2073a01080063:", "voltage", "urn:dev:ow:10e2073a01080063", "voltage")]
    [InlineData(null, "urn:dev:ow:264437f5000000ed_", "humidity", "urn:dev:ow:264437f5000000ed", "humidity")]
    [InlineData(null, "urn:uuid:7e0f8d2c", "temperature", "urn:uuid:7e0f8d2c", "temperature")]
    [InlineData(null, "station-7/", "pump/2", "station-7", "pump/2")]
    [InlineData(null, "station-7", "/level", "station-7", "level")]
    // One name alone.
    [InlineData(null, "", "urn:dev:ow:10e2073a01080063", "urn:dev:ow:10e2073a01080063", "value")]
    [InlineData(null, "urn:dev:mac:0024befffe804ff1", "", "urn:dev:mac:0024befffe804ff1", "value")]
    [InlineData(null, "", "urn:dev:mac:0024befffe804ff1/level", "urn:dev:mac:0024befffe804ff1", "level")]
    [InlineData(null, "", "urn:dev:ow:264437f5000000ed_bed_humidity", "urn:dev:ow:264437f5000000ed", "bed_humidity")]
    [InlineData(null, "", "urn:dev:imei:862592051651472:level", "urn:dev:imei:862592051651472", "level")]
    [InlineData(null, "", "urn:imei:862592051651472:level", "urn:imei:862592051651472", "level")]
    [InlineData(null, "", "urn:dev:os:32473-123456", "urn:dev:os:32473-123456", "value")]
    [InlineData(null, "", "yard/mc-17/tilt_angle", "yard/mc-17", "tilt_angle")]
    [InlineData(null, "", "mc-17", "mc-17", "value")]
    [InlineData(null, "", "urn:dev:", "urn:dev", "value")]
    // The topic knows better.
    [InlineData("mc-17", "", "tilt_angle", "mc-17", "tilt_angle")]
    [InlineData("mc-17", "mc-17/", "tilt_angle", "mc-17", "tilt_angle")]
    [InlineData("mc-17", "/3303/0/", "5700", "mc-17", "3303/0/5700")]
    [InlineData("mc-17", "", "", "mc-17", "value")]
    public void A_name_says_which_device_and_which_field(string? topic, string baseName, string name, string device, string field) =>
        Assert.Equal(new SenmlName(device, field), SenmlName.Of(topic, baseName, name));

    [Fact]
    public void Base_fields_hold_for_the_records_behind_them_until_they_are_given_again()
    {
        var reports = Json("""
            [{"bn":"urn:dev:ow:1:","bt":1700000000,"bu":"Cel","bv":20,"n":"air","v":1.5},{"n":"water","v":-0.5,"t":-60},{"n":"power","u":"kW","v":2},
             {"bn":"urn:dev:ow:2:","bt":1700000100,"bv":0,"bu":"m","n":"level","v":3}]
            """);
        Assert.Equal(
            ["urn:dev:ow:1 1700000000000 air=21.5 Cel, power=22 kW", "urn:dev:ow:1 1699999940000 water=19.5 Cel", "urn:dev:ow:2 1700000100000 level=3 m"],
            reports.Select(Text));
    }

    [Theory]
    [InlineData("""{"n":"a/b","v":1}""", null)]
    [InlineData("""{"n":"a/b","v":1,"t":0}""", null)]
    [InlineData("""{"n":"a/b","v":1,"t":-60}""", Decoded.Received - 60_000)]
    [InlineData("""{"n":"a/b","v":1,"bt":-3600,"t":-0.5}""", Decoded.Received - 3_600_500)]
    [InlineData("""{"n":"a/b","v":1,"t":268435455}""", Decoded.Received + 268_435_455_000)]
    [InlineData("""{"n":"a/b","v":1,"t":268435456}""", 268_435_456_000L)]
    [InlineData("""{"n":"a/b","v":1,"bt":1.276020076001e+09}""", 1_276_020_076_001L)]
    public void Times_below_2_to_the_28_count_from_now(string record, long? expected) => Assert.Equal(expected, Assert.Single(Json($"[{record}]")).Time);

    [Theory]
    [InlineData("Cel", 21, "Cel", 21)]
    [InlineData("%RH", 45, "%", 45)]
    [InlineData("/", 0.5, "1", 0.5)]
    [InlineData("K", 273.15, "Cel", 0)]
    [InlineData("hPa", 1013, "mbar", 1013)]
    [InlineData("pH", 7, "[pH]", 7)]
    [InlineData("ppm", 3, "ppm", 3)]
    [InlineData("Wh", 1500, "kW.h", 1.5)]
    [InlineData("furlong", 1, "furlong", 1)]
    public void Units_become_those_of_UCUM(string unit, double value, string expected, double converted)
    {
        var field = Assert.Single(Assert.Single(Json($$"""[{"n":"a/b","u":"{{unit}}","v":{{value}}}]""")).Fields);
        Assert.Equal(expected, field.Unit);
        Assert.Equal(converted, field.Number, 1e-9);
    }

    [Fact]
    public void A_sum_is_a_field_of_its_own_beside_its_value()
    {
        var fields = Assert.Single(Json("""[{"bs":3600000,"n":"meter/power","u":"W","v":500,"s":7200000}]""")).Fields;
        Assert.Equal([Field.Of("power", 500, "W"), Field.Of("power#sum", 3, "kW.h")], fields);
        Assert.Equal(Field.Of("flow#sum", 12, "m3"), Assert.Single(Assert.Single(Json("""[{"n":"meter/flow","u":"m3/s","s":12}]""")).Fields));
    }

    [Fact]
    public void Bytes_are_a_report_for_the_devices_model_to_read()
    {
        var reports = Json("""[{"bn":"mc-1:","bt":1700000000,"n":"raw","vd":"AXVk"},{"n":"rsrp","v":-97}]""");
        Assert.Equal("017564", Convert.ToHexString(reports[0].Frame!));
        Assert.Equal("rsrp", Assert.Single(reports[1].Fields).Name);
        Assert.Equal((reports[0].WireId, reports[0].Time), (reports[1].WireId, reports[1].Time));
    }

    [Fact]
    public void What_is_wrong_with_one_record_costs_that_record()
    {
        var report = Assert.Single(Json("""[{"bn":"mc-1:","n":"a","v":"1"},{"n":"b","v":1,"vs":"x"},{"n":"c"},{"n":"d","v":4},{"n":"d","v":5},{"n":"e","vd":"=="}]"""));
        Assert.Equal("mc-1  d=4 ", Text(report));
        Assert.Equal(
            [RejectReason.Malformed, RejectReason.Malformed, RejectReason.NoValues, RejectReason.Malformed, RejectReason.Malformed],
            report.Refused.Select(refused => refused.Reason));
        Assert.All(report.Refused, refused => Assert.StartsWith("record ", refused.What, StringComparison.Ordinal));
    }

    [Fact]
    public void A_time_that_is_none_costs_its_record() =>
        Assert.Equal(RejectReason.BadTime, Assert.Single(Assert.Single(Json("""[{"n":"a/b","v":1,"t":1e300}]""")).Refused).Reason);

    [Theory]
    [InlineData("""[{"n":"a/b","v":1,"check_":true}]""", RejectReason.Unsupported, "check_")]
    [InlineData("""[{"bver":11,"n":"a/b","v":1}]""", RejectReason.Unsupported, "bver 11")]
    [InlineData("""[{"bver":5,"n":"a/b","v":1},{"bver":6,"n":"a/c","v":1}]""", RejectReason.Malformed, "bver 6 after 5")]
    [InlineData("""[{"n":"a/b","v":1},{"bt":"now","n":"a/c","v":1}]""", RejectReason.Malformed, "bt: expected a number")]
    [InlineData("""[{"n":"井盖","v":1}]""", RejectReason.Malformed, "井盖")]
    [InlineData("""[{"v":1}]""", RejectReason.Malformed, "name \"\"")]
    [InlineData("""{"n":"a/b","v":1}""", RejectReason.Malformed, "array of records")]
    [InlineData("[]", RejectReason.NoValues, "empty pack")]
    [InlineData("""[{"bn":"a:"}]""", RejectReason.NoValues, "base fields alone")]
    public void What_no_record_can_be_trusted_after_costs_the_pack(string json, string reason, string named)
    {
        var refused = Assert.Throws<MalformedMessageException>(() => Json(json));
        Assert.Equal(reason, refused.Reason);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_nobody_needs_to_know_are_passed_over() =>
        Assert.Equal("a  b=1 ", Text(Assert.Single(Json("""[{"n":"a/b","v":1,"ut":60,"bver":10,"ct":"text/plain","x":[{"y":1}]}]"""))));

    [Fact]
    public void CBOR_says_the_same_with_numbers_names_or_both_and_with_lengths_or_without()
    {
        const string expected = "urn:dev:ow:1 1700000000000 air=21.5 Cel, open=true ";
        foreach (var named in (bool[])[false, true])
        {
            foreach (var definite in (bool[])[false, true])
            {
                var writer = new CborWriter();
                writer.WriteStartArray(definite ? 2 : null);
                writer.WriteStartMap(definite ? 5 : null);
                Key(writer, named, -2, "bn");
                writer.WriteTextString("urn:dev:ow:1:");
                Key(writer, named, -3, "bt");
                writer.WriteInt64(1_700_000_000);
                Key(writer, named, 0, "n");
                writer.WriteTextString("air");
                Key(writer, named, 1, "u");
                writer.WriteTextString("Cel");
                Key(writer, named, 2, "v");
                // 215 × 10^-1
                writer.WriteTag(CborTag.DecimalFraction);
                writer.WriteStartArray(2);
                writer.WriteInt64(-1);
                writer.WriteInt64(215);
                writer.WriteEndArray();
                writer.WriteEndMap();
                writer.WriteStartMap(definite ? 2 : null);
                Key(writer, named, 0, "n");
                writer.WriteTextString("open");
                Key(writer, named, 4, "vb");
                writer.WriteBoolean(true);
                writer.WriteEndMap();
                writer.WriteEndArray();
                Assert.Equal(expected, Text(Assert.Single(Cbor(writer.Encode()))));
            }
        }
    }

    [Theory]
    // [{0: "a/b", 2: VALUE}]
    [InlineData("00", 0)]
    [InlineData("1BFFFFFFFFFFFFFFFF", 18446744073709551615.0)]
    [InlineData("3BFFFFFFFFFFFFFFFF", -18446744073709551616.0)]
    [InlineData("F94D00", 20)]
    [InlineData("FA41AC0000", 21.5)]
    [InlineData("C482201901FE", 51)]
    [InlineData("C4821B7FFFFFFFFFFFFFFF01", double.PositiveInfinity)]
    [InlineData("D9D9F7C107", 7)]
    public void Every_number_of_CBOR_is_a_number(string value, double expected) =>
        Assert.Equal(expected, Assert.Single(Assert.Single(Cbor(Convert.FromHexString($"81A20063612F6202{value}"))).Fields).Number);

    [Theory]
    [InlineData("")]
    [InlineData("80FF")]
    [InlineData("A10001")]
    [InlineData("9BFFFFFFFFFFFFFFFF")]
    [InlineData("81A20063612F62027BFFFFFFFFFFFFFFFF61")]
    [InlineData("81A30063612F62020102")]
    [InlineData("81A30063612F6202010202")]
    [InlineData("81A20063612F6202C482")]
    [InlineData("81A20063612F6202C4811B7FFFFFFFFFFFFFFF")]
    [InlineData("81A20062C328")]
    [InlineData("9FBF0063612F620201FF")]
    public void What_is_no_CBOR_is_refused(string hex) =>
        Assert.Contains(Assert.Throws<MalformedMessageException>(() => Cbor(Convert.FromHexString(hex))).Reason, (string[])[RejectReason.Malformed, RejectReason.NoValues]);

    [Fact]
    public void A_bottomless_value_costs_the_message_and_no_memory()
    {
        // [{99: [[[[…, one byte a level.
        var bytes = new byte[NativeDecoder.MaxPayload];
        bytes.AsSpan().Fill(0x81);
        (bytes[1], bytes[2], bytes[3]) = (0xA1, 0x18, 99);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<MalformedMessageException>(() => Cbor(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * bytes.Length);
        Assert.Contains("nested over 16", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_devices_and_times_than_a_message_may_have_are_refused()
    {
        var records = string.Join(',', Enumerable.Range(0, NativeDecoder.MaxElements + 1).Select(i => $$"""{"n":"a/{{i}}","v":1,"t":{{-1 - i}}}"""));
        Assert.Equal(RejectReason.TooManyElements, Assert.Throws<MalformedMessageException>(() => Json($"[{records}]")).Reason);
    }

    [Fact]
    public void A_pack_of_the_smallest_records_is_refused_before_their_refusals_fill_the_memory()
    {
        // {-2: "a:"}, then {2: 1} in three bytes each: a second value of the same moment, and so on.
        byte[] bytes = [0x9F, 0xA1, 0x21, 0x62, 0x61, 0x3A, .. Enumerable.Repeat((byte[])[0xA1, 2, 1], (NativeDecoder.MaxPayload / 3) - 3).SelectMany(record => record), 0xFF];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(RejectReason.TooManyElements, Assert.Throws<MalformedMessageException>(() => Cbor(bytes)).Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * bytes.Length);
    }

    private static void Key(CborWriter writer, bool named, int number, string name)
    {
        if (named)
            writer.WriteTextString(name);
        else
            writer.WriteInt32(number);
    }

    private static List<Report> Json(string json) => Read(new SenmlJsonFormat(), Encoding.UTF8.GetBytes(json));

    private static List<Report> Cbor(byte[] bytes) => Read(new SenmlCborFormat(), bytes);

    private static List<Report> Read(IPayloadFormat format, byte[] payload)
    {
        var reports = new List<Report>();
        Assert.Equal(new DecodedMessage("gw-1", GatewaySign.Reading), format.Read(new ForeignMessage("senml/x", payload, "gw-1", null, Decoded.Received), reports));
        return reports;
    }

    private static string Text(Report report) =>
        $"{report.WireId} {report.Time} {string.Join(", ", report.Fields.Select(field => $"{field.Name}={field.Text ?? (field.Kind == FieldKind.Boolean ? field.Number == 1 ? "true" : "false" : $"{field.Number}")} {field.Unit}"))}";
}
