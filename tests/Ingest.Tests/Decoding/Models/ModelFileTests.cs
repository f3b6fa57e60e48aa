using Telemetry.Ingest.Decoding.Models;

namespace Telemetry.Ingest.Tests.Decoding.Models;

public class ModelFileTests
{
    [Fact]
    public void The_shipped_models_name_channels_and_settings_that_the_shipped_families_have() =>
        Assert.Empty(ModelSet.Load(ModelSet.ShippedFiles(), SomeModels.Families).Errors);

    [Fact]
    public void A_shipped_file_is_named_for_its_model() =>
        Assert.Equal(ModelSet.ShippedFiles().Select(file => Path.GetFileNameWithoutExtension(file.File)).Order(StringComparer.Ordinal), ModelSet.Load([], null).Models!.All.Select(model => model.Name));

    [Theory]
    // The file as a whole.
    [InlineData("", "a.yaml:1:1: empty; a model file begins with model: NAME")]
    [InlineData("- a", "a.yaml:1:1: expected model: NAME and what follows, found a list")]
    [InlineData("modle: x", "a.yaml:1:1: modle: unknown key 'modle'; did you mean 'model'?")]
    [InlineData("model: \"\"", "a.yaml:1:8: model: '' is not a model's name")]
    [InlineData("model: Milesight EM500", "a.yaml:1:8: model: 'Milesight EM500' is not a model's name; write lower-case letters, digits and -")]
    [InlineData("model: x\ntitle: {en: X}", "a.yaml:2:8: title: zh is missing; every label stands in English and Chinese")]
    [InlineData("model: x\nbase: milesite", "a.yaml:1:1: base: there is no model 'milesite'; did you mean 'milesight'?")]
    [InlineData("model: x\nbase: x", "a.yaml:1:1: base: 'x' is based on this one")]
    public void A_mistake_in_a_file_says_where_and_what_would_be_right(string text, string expected) =>
        Assert.Contains(SomeModels.Read(text).Errors, error => error.StartsWith(expected, StringComparison.Ordinal));

    [Theory]
    // How bytes become fields. Line 4 is the first that a test writes.
    [InlineData("codec: dragino-pslb", "4:8: codec: there is no codec 'dragino-pslb'; did you mean 'dragino-ps-lb'?")]
    [InlineData("tlv: {\"0377\": {a: u8}}", "4:7: tlv.0377: '0377' is not an id and its type; write two bytes in hexadecimal, \"03 77\"")]
    [InlineData("tlv: {\"03 77\": u8}", "4:16: tlv.03 77: expected {field: u16}, {past: {time: u32, field: u16}} or skip 2, found 'u8'")]
    [InlineData("tlv: {\"03 77\": {a: u9}}", "4:20: tlv.03 77.a: 'u9' is not a field; write a type (u8 u16")]
    [InlineData("tlv: {\"03 77\": {a: u16 bit 16}}", "4:20: tlv.03 77.a: 'u16 bit 16': 'bit 16' can't be read")]
    [InlineData("tlv: {\"03 77\": {a: u16 / 0}}", "4:20: tlv.03 77.a: 'u16 / 0': '/ 0' can't be read")]
    [InlineData("tlv: {\"03 77\": {a: u16 /}}", "4:20: tlv.03 77.a: 'u16 /': '/' can't be read")]
    [InlineData("tlv: {\"03 77\": {a: {red: u16}}}", "4:21: tlv.03 77.a.red: unknown key 'red'; did you mean 'read'?")]
    [InlineData("tlv: {\"03 77\": {a: {read: u16, bad: {0xZZ: fault}}}}", "4:38: tlv.03 77.a.bad.0xZZ: '0xZZ' is not a number")]
    [InlineData("tlv: {\"20 CE\": {past: {depth: u16}}}", "4:23: tlv.20 CE.past: time is missing; what is not of now says when it was")]
    [InlineData("tlv: {\"20 CE\": {past: {time: i32, depth: u16}}}", "4:30: tlv.20 CE.past.time: the moment of a report is Unix seconds: write time: u32")]
    [InlineData("tlv: {\"03 77, 03 77\": {a: u8}}", "4:7: tlv.03 77, 03 77: 03 77 stands twice")]
    [InlineData("tlv: {\"03 77\": {a: u8}}\nports: {1: {fields: {a: u8}}}", "5:8: ports: tlv stands here too; a model is read in one way")]
    [InlineData("ports: {256: {fields: {a: u8}}}", "4:9: ports.256: '256' is not a port")]
    [InlineData("ports: {1: {felds: {a: u8}}}", "4:13: ports.1.felds: unknown key 'felds'; did you mean 'fields'?")]
    [InlineData("ports: {1: u8}", "4:12: ports.1: expected {fields: {…}}, {records: {time: u32, …}} or nothing, found 'u8'")]
    [InlineData("tlv: {\"20 CE\": {past: {time: u32}, depth: u16}}", "4:36: tlv.20 CE.depth: unknown key 'depth'; known here: past")]
    [InlineData("codec: dragino-ps-lb\ntlv: {\"03 77\": {a: u8}}", "4:8: codec: dragino-ps-lb takes no tlv; write one of the two")]
    [InlineData("byte_order: middle", "4:13: byte_order: 'middle' is not one of big, little")]
    // How fields become channels.
    [InlineData("channels: {manhole: {}}", "4:12: channels.manhole: there is no family 'manhole'")]
    [InlineData("channels: {gateway: {}}", "4:12: channels.gateway: there is no family 'gateway'")]
    [InlineData("channels: {manhole_cover: {tilt_angel: {from: a}}}", "4:28: channels.manhole_cover.tilt_angel: family manhole_cover has no channel 'tilt_angel'; did you mean 'tilt_angle'?")]
    [InlineData("channels: {gas_valve: {valve: {from: a}}}", "4:24: channels.gas_valve.valve: family gas_valve has no channel 'valve'; it has methane_lel, ")]
    [InlineData("channels: {manhole_cover: {tilt_angle.N: {from: a}}}", "4:28: channels.manhole_cover.tilt_angle.N: 'tilt_angle' has no instances; write tilt_angle")]
    [InlineData("channels: {public_toilet: {stall_occupied: {from: a}}}", "4:28: channels.public_toilet.stall_occupied: 'stall_occupied' has one instance per stall; write stall_occupied.N")]
    [InlineData("channels: {manhole_cover: {tilt_angle: 5}}", "4:40: channels.manhole_cover.tilt_angle: expected {from: FIELD, …}, or a list of them, found '5'")]
    [InlineData("channels: {manhole_cover: {tilt_angle: {form: a}}}", "4:41: channels.manhole_cover.tilt_angle.form: unknown key 'form'; did you mean 'from'?")]
    [InlineData("tlv: {\"03 77\": {depth: u16}}\nchannels: {manhole_cover: {tilt_angle: {from: dept}}}", "5:47: channels.manhole_cover.tilt_angle.from: the codec gives no field 'dept'; did you mean 'depth'?; it gives depth")]
    [InlineData("tlv: {\"03 77\": {a: u16}}\nchannels: {manhole_cover: {well_water_level: {from: a}}}", "5:53: channels.manhole_cover.well_water_level.from: a number without a unit, for well_water_level in m; write u16 m where its bytes are listed, or unit: m beside from")]
    [InlineData("codec: milesight-nb-iot\ntlv: {\"03 77\": {a: u8}}\nchannels: {manhole_cover: {battery_level: {from: a}}}", "6:50: channels.manhole_cover.battery_level.from: a number without a unit, for battery_level in %; write \"u16 %\" where its bytes are listed, or unit: \"%\" beside from")]
    [InlineData("tlv: {\"03 77\": {a: u16 mm}}\nchannels: {manhole_cover: {well_water_level: {from: a, unit: m}}}", "5:62: channels.manhole_cover.well_water_level.unit: the bytes' table says mm already; take one of them out")]
    [InlineData("codec: dragino-ps-lb\nchannels: {manhole_cover: {well_water_level: {from: water_depth, unit: m}}}", "5:72: channels.manhole_cover.well_water_level.unit: the codec says cm already; take this one out")]
    [InlineData("tlv: {\"03 77\": skip 2}\nchannels: {manhole_cover: {tilt_angle: {from: a}}}", "5:47: channels.manhole_cover.tilt_angle.from: the codec gives no field 'a'; it gives none")]
    [InlineData("channels: {manhole_cover: {cover_state: {from: a, is: unsayd}}}", "4:55: channels.manhole_cover.cover_state.is: expected a mapping, or unsaid, found 'unsayd'")]
    [InlineData("channels: {manhole_cover: {tilt_angle: {from: a, unit: degree}}}", "4:56: channels.manhole_cover.tilt_angle.unit: unknown unit 'degree'")]
    [InlineData("channels: {manhole_cover: {tilt_angle: {from: a, unit: cm}}}", "4:56: channels.manhole_cover.tilt_angle.unit: cm can't be given in deg, the channel's unit")]
    [InlineData("channels: {manhole_cover: {cover_state: {from: a, unit: cm}}}", "4:57: channels.manhole_cover.cover_state.unit: the channel has no unit, it is one of normal, open, loose, reset; say what the numbers mean")]
    [InlineData("channels: {manhole_cover: {methane_lel: {from: a, unit: mg/m3, gas: NH3}}}", "4:57: channels.manhole_cover.methane_lel.unit: mg/m3 can't be given in %{LEL}, the channel's unit")]
    [InlineData("channels: {manhole_cover: {hydrogen_sulfide: {from: a, gas: H2S}}}", "4:46: channels.manhole_cover.hydrogen_sulfide: unit is missing; a gas needs the unit that it is measured in")]
    [InlineData("channels: {manhole_cover: {hydrogen_sulfide: {from: a, unit: mg/m3, gas: SH2}}}", "4:74: channels.manhole_cover.hydrogen_sulfide.gas: 'SH2' is not one of CH4, CO, H2S, NH3, NO2")]
    [InlineData("channels: {manhole_cover: {hydrogen_sulfide: {from: a, unit: mg/m3, gas: H2S, at: 25}}}", "4:83: channels.manhole_cover.hydrogen_sulfide.at: '25' is not the temperature of the air; write 25 Cel")]
    [InlineData("channels: {manhole_cover: {well_water_level: {from: a, below: mount_hight}}}", "4:63: channels.manhole_cover.well_water_level.below: 'mount_hight' is neither a quantity such as 90 deg nor a setting of manhole_cover; did you mean 'mount_height'?")]
    [InlineData("channels: {manhole_cover: {tilt_angle: {from: a, below: mount_height}}}", "4:57: channels.manhole_cover.tilt_angle.below: the setting mount_height is in m, the channel in deg")]
    [InlineData("channels: {manhole_cover: {cover_state: {from: a, is: {1: opened}}}}", "4:59: channels.manhole_cover.cover_state.is.1: 'opened' is no value of the channel: expected one of normal, open, loose, reset, or leave out")]
    [InlineData("channels: {manhole_cover: {vibration_alarm: {from: a, is: {1: yes}}}}", "4:63: channels.manhole_cover.vibration_alarm.is.1: 'yes' is no value of the channel: expected true or false, or leave out")]
    [InlineData("channels: {manhole_cover: {vibration_alarm: {from: a, else: true}}}", "4:61: channels.manhole_cover.vibration_alarm.else: without is there is nothing else")]
    [InlineData("channels: {manhole_cover: {tilt_angle: {from: a, times: ten}}}", "4:57: channels.manhole_cover.tilt_angle.times: 'ten' is not a number")]
    public void A_mistake_in_a_model_says_where_and_what_would_be_right(string rest, string expected) =>
        Assert.Contains(SomeModels.Read(SomeModels.Text(rest)).Errors, error => error.StartsWith("a.yaml:" + expected, StringComparison.Ordinal));

    [Fact]
    public void All_mistakes_of_all_files_are_told_at_once_and_a_model_stands_in_one_file()
    {
        var (models, errors) = SomeModels.Read(SomeModels.Text("codec: x\nbyte_order: y"), SomeModels.Text("tlv: 5"));

        Assert.Null(models);
        Assert.Equal(["a.yaml:4:8", "a.yaml:5:13", "b.yaml:1:1"], errors.Select(error => string.Join(':', error.Split(':')[..3])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_city_s_file_replaces_a_shipped_model_and_those_based_on_it_follow()
    {
        var (models, errors) = SomeModels.Read("model: milesight\ntitle: {en: a, zh: b}\nsource: a\ntlv: {\"01 75\": {battery: u8 %, charge: u8 at 0}}", SomeModels.Text("base: milesight\ntlv: {\"03 77\": {depth: u16}}\nchannels: {manhole_cover: {battery_level: {from: charge, unit: \"%\"}}}"));

        Assert.Empty(errors);
        Assert.Equal(["battery", "charge", "depth"], models!.Find("test-model")!.Codec!.Fields.Keys);
    }

    [Fact]
    public void What_a_model_does_not_say_it_has_from_its_base()
    {
        var (models, errors) = SomeModels.Read(SomeModels.Text("base: milesight-em500-swl\nchannels:\n  manhole_cover: {well_water_level: {from: depth, times: 2}}\n  drainage_pump: {road_water_depth: {from: depth}}"));

        Assert.Empty(errors);
        var model = models!.Find("test-model")!;
        Assert.Equal(["manhole_cover", "drainage_pump", "tunnel"], model.Families.Select(family => family.Family));
        Assert.Equal(["battery_level 1 %", "well_water_level 2 cm"], model.MappingFor("manhole_cover")!.Channels.Select(channel => $"{channel.Channel} {channel.Sources[0].Times} {channel.Sources[0].Unit}"));
        Assert.Equal(["sump_level", "road_water_depth"], model.MappingFor("drainage_pump")!.Channels.Select(channel => channel.Channel));
    }

    [Theory]
    [InlineData("tlv: {\"03 77\": {a: u9}}", "tlv.03 77.a")]
    [InlineData("codec: dragino-pslb", "codec")]
    public void After_a_mistake_in_its_bytes_nothing_is_said_of_the_fields_that_they_would_give(string bytes, string key) =>
        Assert.Equal([key], SomeModels.Read(SomeModels.Text(bytes + "\nchannels: {manhole_cover: {well_water_level: {from: a}}}")).Errors.Select(error => error.Split(": ")[1]));

    [Theory]
    [InlineData("vibration_alarm: {from: a}")]
    [InlineData("cover_state: {from: a, is: {0: open}}")]
    [InlineData("well_water_level: {from: a, unit: unsaid}")]
    [InlineData("battery_level: {from: batteryLevel, unit: \"%\"}")]
    public void What_is_no_quantity_needs_no_unit_beside_its_bytes(string mapping) =>
        Assert.Empty(SomeModels.Read(SomeModels.Text($"tlv: {{\"03 77\": {{a: u8}}}}\nchannels: {{manhole_cover: {{{mapping}}}}}")).Errors);

    [Theory]
    [InlineData("acme.yml")]
    [InlineData("acme.YAML")]
    public void A_file_with_another_ending_is_told_rather_than_passed_over(string file)
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, file);
        File.WriteAllText(path, SomeModels.Text(""));
        File.WriteAllText(Path.Combine(folder.Path, "readme.md"), "ours");

        var (models, errors) = ModelSet.Load(folder.Path, SomeModels.Families);

        Assert.Null(models);
        Assert.Equal([path + ":1:1: not read; models end in .yaml"], errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("dir")]
    [InlineData("empty")]
    public void A_folder_without_models_is_fine_and_one_that_is_not_there_is_not(string kind)
    {
        using var folder = new TempDirectory();
        var (models, errors) = ModelSet.Load(kind == "empty" ? folder.Path : Path.Combine(folder.Path, "missing"), SomeModels.Families);

        Assert.Equal(kind == "empty", models is not null);
        Assert.Equal(kind == "empty" ? 0 : 1, errors.Count);
    }
}
