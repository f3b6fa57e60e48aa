using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Models.Mapping;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding.Models;

public class MappingTests
{
    private const string Byte = "ports: {any: {fields: {a: u8}}}\n";

    [Theory]
    [InlineData("well_water_level: {from: a, unit: cm}", 1.2)]
    [InlineData("well_water_level: {from: a, unit: mm}", 0.12)]
    [InlineData("well_water_level: {from: a, unit: m, times: 0.5, plus: -58}", 2)]
    [InlineData("well_water_level: {from: a, unit: cm, below: 3 m}", 1.8)]
    [InlineData("well_water_level: {from: a, unit: cm, below: 300 cm}", 1.8)]
    [InlineData("well_water_level: {from: a, unit: cm, below: mount_height}", 2.3)]
    [InlineData("tilt_angle: {from: a, unit: deg}", 120)]
    [InlineData("oxygen: {from: a, unit: \"[ppm]\"}", 0.012)]
    [InlineData("methane_lel: {from: a, unit: \"[ppm]\", gas: CH4}", 0.24)]
    [InlineData("methane_lel: {from: a, unit: \"%vol\", gas: CH4}", 2400)]
    [InlineData("rsrp: {from: a, unit: dBm, plus: -200}", -80)]
    public void A_number_is_given_in_the_channel_s_unit(string mapping, double expected)
    {
        var (readings, letters) = SomeModels.Decode(Byte + $"channels: {{manhole_cover: {{{mapping}}}}}", "78", settings: new Dictionary<string, string> { ["mount_height"] = "350 cm" });

        Assert.Empty(letters);
        Assert.Equal(expected, Assert.Single(Assert.Single(readings).Values).Number, 12);
    }

    // Molar volume at 25 Cel: 24.465 L/mol. Domain figures: ammonia 1 mg/m3 is 1.44 ppm, H2S 10 mg/m3 about 7 ppm, 1 %LEL of methane 0.05 %vol or 500 ppm.
    [Theory]
    [InlineData("NH3", 1, "mg/m3", "[ppm]", 25, 1.4365)]
    [InlineData("NH3", 1.4365, "ppm", "mg/m3", 25, 1)]
    [InlineData("NH3", 1, "mg/m3", "[ppm]", 0, 1.3161)]
    [InlineData("H2S", 10, "mg/m3", "ppm", 25, 7.179)]
    [InlineData("CO", 1, "g/m3", "ppm", 25, 873.4)]
    [InlineData("CH4", 1, "%{LEL}", "[ppm]", 25, 500)]
    [InlineData("CH4", 1, "%LEL", "%vol", 25, 0.05)]
    [InlineData("CH4", 5, "%vol", "%{LEL}", 25, 100)]
    [InlineData("CH4", 0.05, "%", "ppm", 25, 500)]
    public void A_gas_is_converted_between_volume_mass_and_explosive_limit(string gas, double value, string from, string to, double celsius, double expected) =>
        Assert.Equal(expected, Gas.Find(gas)!.Convert(value, from, to, celsius)!.Value, expected * 1e-4);

    [Theory]
    [InlineData("H2S", "%{LEL}", "ppm")]
    [InlineData("CH4", "m", "ppm")]
    [InlineData("CH4", "ppm", "furlong")]
    public void What_is_no_concentration_of_the_gas_is_not_converted(string gas, string from, string to) => Assert.Null(Gas.Find(gas)!.Convert(1, from, to, 25));

    [Theory]
    [InlineData("00", "open", null)]
    [InlineData("01", null, null)]
    [InlineData("02", "loose", null)]
    [InlineData("03", null, RejectReason.WrongType)]
    public void A_number_means_what_the_model_says(string hex, string? state, string? reason)
    {
        var (readings, letters) = SomeModels.Decode(Byte + "channels: {manhole_cover: {cover_state: {from: a, is: {0: open, 0x01: leave out, 2: loose}}}}", hex);

        Assert.Equal(state, readings.SingleOrDefault()?.Values.Single().State);
        Assert.Equal(reason ?? (state is null ? RejectReason.NoValues : null), letters.SingleOrDefault()?.Reason);
    }

    [Theory]
    [InlineData("{from: a, is: {0: open}, else: normal}", "09", "normal")]
    [InlineData("[{from: a, is: {0: open}, else: leave out}, {from: b, is: {1: loose}}]", "0901", "loose")]
    [InlineData("[{from: a, is: {0: open}, else: leave out}, {from: b, is: {1: loose}}]", "0001", "open")]
    public void Else_speaks_for_the_rest_and_the_first_source_that_says_something_counts(string mapping, string hex, string state)
    {
        var (readings, letters) = SomeModels.Decode($"ports: {{any: {{fields: {{a: u8}}, optional: {{b: u8}}}}}}\nchannels: {{manhole_cover: {{cover_state: {mapping}}}}}", hex);

        Assert.Empty(letters);
        Assert.Equal(state, Assert.Single(Assert.Single(readings).Values).State);
    }

    [Theory]
    [InlineData("00", 0.0)]
    [InlineData("01", 1.0)]
    [InlineData("02", null)]
    public void A_number_of_0_or_1_is_a_truth(string hex, double? expected)
    {
        var (readings, letters) = SomeModels.Decode(Byte + "channels: {manhole_cover: {vibration_alarm: {from: a}}}", hex);

        Assert.Equal(expected, readings.SingleOrDefault()?.Values.Single().Number);
        Assert.Equal(expected is null ? RejectReason.WrongType : null, letters.SingleOrDefault()?.Reason);
    }

    [Theory]
    [InlineData("FF", Quality.Bad, "sensor fault")]
    [InlineData("FE", Quality.Uncertain, "over range")]
    [InlineData("FD", Quality.Uncertain, null)]
    [InlineData("05", Quality.Good, null)]
    public void A_sentinel_has_its_quality_and_its_reason_and_the_value_is_kept(string hex, Quality quality, string? why)
    {
        foreach (var rest in (string[])[
            "ports: {any: {fields: {a: {read: u8, bad: {0xFF: sensor fault}, uncertain: {254: over range}}}}}\nchannels: {manhole_cover: {well_water_level: {from: a, unit: m}}}",
            Byte + "channels: {manhole_cover: {well_water_level: {from: a, unit: m, bad: {0xFF: sensor fault}, uncertain: {254: over range}}}}"])
        {
            var value = Assert.Single(Assert.Single(SomeModels.Decode(rest, hex).Readings).Values);
            Assert.Equal((quality, why, (double)Convert.FromHexString(hex)[0]), (value.Quality, value.Why, value.Number));
        }
    }

    [Fact]
    public void What_is_no_number_is_bad_at_once()
    {
        var (readings, letters) = SomeModels.Decode("ports: {any: {fields: {a: f32 m}}}\nchannels: {manhole_cover: {well_water_level: {from: a}}}", "7FC00000");

        Assert.Empty(letters);
        Assert.Equal(new ChannelValue("well_water_level", ValueKind.Number, 0, null, Quality.Bad, "not a number"), Assert.Single(Assert.Single(readings).Values));
    }

    [Fact]
    public void Without_its_mount_height_a_level_is_refused_and_the_rest_is_kept()
    {
        var (readings, letters) = SomeModels.Decode(Byte + "channels: {manhole_cover: {well_water_level: {from: a, unit: cm, below: mount_height}, battery_level: {from: a, unit: \"%\"}}}", "50");

        Assert.Equal("battery_level", Assert.Single(Assert.Single(readings).Values).Channel);
        var letter = Assert.Single(letters);
        Assert.Equal((RejectReason.MissingSetting, "d-1 (raw): field a: channel well_water_level is measured down from mount_height, a setting that the register doesn't give for device d-1"), (letter.Reason, letter.Detail));
    }

    [Fact]
    public void A_sensor_in_a_family_that_its_model_says_nothing_of_is_told_so()
    {
        var (readings, letters) = SomeModels.Decode(Byte + "channels: {manhole_cover: {battery_level: {from: a, unit: \"%\"}}}", "50", family: "tunnel");

        Assert.Empty(readings);
        Assert.Equal("d-1 (raw): model test-model of device d-1: its file says nothing of family tunnel; add it under channels", Assert.Single(letters).Detail);
    }

    [Fact]
    public void A_sensor_without_an_instance_in_the_register_is_the_first()
    {
        var (readings, _) = SomeModels.Decode(Byte + "channels: {public_toilet: {stall_occupied.N: {from: a}, sos_active.7: {from: a}}}", "01", family: "public_toilet");

        Assert.Equal(["stall_occupied.1", "sos_active.7"], Assert.Single(readings).Values.Select(value => value.Channel));
    }

    [Theory]
    [InlineData("24e124aa", "stall_occupied.5")]
    [InlineData("24E124BB", "stall_occupied.12")]
    [InlineData("24E124CC", "ammonia")]
    public void Each_sensor_of_a_device_has_its_own_model_and_reports_what_the_register_says(string wireId, string channel)
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device
        {
            Id = "wc-1",
            Family = "public_toilet",
            Sensors = new Dictionary<string, string> { ["24E124AA"] = "milesight-vs330 5", ["24e124bb"] = "milesight-vs330 12", ["24E124CC"] = "milesight-gs301" },
        });

        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, devices, wireId, channel == "ammonia" ? [0x04, 0x7D, 0x64, 0] : [0x03, 0x8E, 1]);

        Assert.Empty(letters);
        Assert.Equal(("wc-1", channel, 1.0), (Assert.Single(readings).Device, Assert.Single(readings[0].Values).Channel, readings[0].Values[0].Number));
    }

    [Fact]
    public void What_a_device_stored_is_a_reading_of_its_own_time_before_the_one_of_now()
    {
        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, "milesight-em500-swl", Convert.FromHexString("20CE00A0A269050020CE10A2A269FFFF03770700"), "manhole_cover");

        Assert.Empty(letters);
        Assert.Equal(
            [(1_772_265_472_000, null, 0.05, Quality.Good), (1_772_266_000_000, null, 655.35, Quality.Bad), (null, (long?)null, 0.07, Quality.Good)],
            readings.Select(reading => (reading.SentTime, reading.Sequence, reading.Values[0].Number, reading.Values[0].Quality)));
    }

    [Fact]
    public void What_a_device_stored_before_its_clock_was_set_does_not_pose_as_now()
    {
        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, "milesight-em500-swl", Convert.FromHexString("20CE10000000050003770700"), "manhole_cover");

        Assert.Equal(0.07, Assert.Single(Assert.Single(readings).Values).Number);
        Assert.Equal(RejectReason.BadTime, Assert.Single(letters).Reason);
    }

    [Fact]
    public void What_a_model_skips_is_neither_a_reading_nor_a_mistake()
    {
        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, "milesight-em500-swl", Convert.FromHexString("FF0BFFFF0101"), "manhole_cover");

        Assert.Empty(readings);
        Assert.Empty(letters);
    }

    [Theory]
    [InlineData(null, RejectReason.NoCodec)]
    [InlineData("ctwing-gas-valve", RejectReason.NoCodec)]
    [InlineData("three_day", RejectReason.NoCodec)]
    [InlineData("milesight-em500-sw1", RejectReason.NoCodec, "; did you mean 'milesight-em500-swl'?")]
    public void Bytes_of_a_model_that_reads_none_are_kept_as_a_dead_letter(string? model, string reason, string hint = "")
    {
        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, model, [1, 2, 3], "gas_valve");

        Assert.Empty(readings);
        Assert.Equal((reason, "010203"), (Assert.Single(letters).Reason, Convert.ToHexString(Assert.Single(letters).Payload)));
        Assert.EndsWith("no model of that name reads bytes" + hint, letters[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_beyond_4_KiB_is_refused_unread()
    {
        var (readings, letters) = SomeModels.Decode(ModelSet.Load([], null).Models!, "milesight-em500-swl", new byte[4097], "manhole_cover");

        Assert.Empty(readings);
        Assert.Equal("d-1 (raw): 4097 bytes; a device's frame has at most 4096", Assert.Single(letters).Detail);
    }
}
