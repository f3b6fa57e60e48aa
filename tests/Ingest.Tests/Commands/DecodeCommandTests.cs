using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Tests.Decoding;

namespace Telemetry.Ingest.Tests.Commands;

public class DecodeCommandTests
{
    private const string When = "2026-03-01T00:00:00Z";

    [Fact]
    public void A_value_is_one_json_line_of_the_contract_s_members()
    {
        var (exitCode, output, _) = Run("--format", "raw", "--model", "milesight-em500-swl", "--hex", "0x01 75 64 03 77 02 00", "--received", When, "--json");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            """
            {"device":"device","channel":"well_water_level","value":0.02,"unit":"m","quality":"good","eventTime":"2026-03-01T00:00:00.000Z"}
            {"device":"device","channel":"battery_level","value":100,"unit":"%","quality":"good","eventTime":"2026-03-01T00:00:00.000Z"}

            """,
            output);
    }

    [Fact]
    public void A_refusal_is_a_line_with_its_reason_and_exit_code_1()
    {
        var (exitCode, output, _) = Run("--format", "raw", "--model", "milesight-em500-swl", "--hex", "0175", "--json");

        Assert.Equal(1, exitCode);
        var line = JsonDocument.Parse(output).RootElement;
        Assert.Equal("bad_frame", line.GetProperty("reason").GetString());
        Assert.Contains("byte 0: id 01 75 needs 1 bytes behind it, 0 are left", line.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_model_bytes_are_refused_and_the_option_named()
    {
        var (exitCode, output, _) = Run("--format", "raw", "--hex", "0175");

        Assert.Equal((1, "refused, no_codec: a device's own bytes; --model says which model's codec reads them\n"), (exitCode, output));
    }

    [Fact]
    public void The_native_format_finds_the_family_by_its_channels()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "m.json");
        File.WriteAllText(file, """{"ts":"2026-02-28T23:59:00Z","values":{"sump_level":1.5,"pump_run.2":true,"power_supply":"backup","no_such":1},"quality":{"sump_level":"bad"}}""");

        var (exitCode, output, _) = Run("--format", "native", file, "--received", When);

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            """
            device  sump_level  1.5 m  bad  2026-02-28T23:59:00.000Z
            device  pump_run.2  true  good  2026-02-28T23:59:00.000Z
            device  power_supply  backup  good  2026-02-28T23:59:00.000Z
            refused, unknown_channel: channel no_such: not in family drainage_pump, which has
            """,
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_stranger_sent_does_not_steer_the_terminal()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "m.json");
        File.WriteAllText(file, """[{"bn":"urn:dev:mac:1:","n":"note","vs":"\u001b[2J\n"}]""");

        var (exitCode, output, _) = Run("--format", "senml-json", file, "--received", When);

        Assert.Equal((0, "urn:dev:mac:1  note  ?[2J?  good  2026-03-01T00:00:00.000Z\n"), (exitCode, output));
    }

    [Fact]
    public void Every_golden_message_is_shown_or_refused()
    {
        foreach (var golden in GoldenCase.All)
        {
            foreach (var payload in golden.Payloads)
            {
                var (exitCode, output, error) = Run("--format", golden.Format, "--topic", golden.Topic, "--received", When, "--json", "--hex", Convert.ToHexString(payload));
                var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
                Assert.Equal((lines.Any(line => line.TryGetProperty("reason", out _)) ? 1 : 0, ""), (exitCode, error));
                Assert.All(lines, line => Assert.True(line.TryGetProperty("detail", out _) || line.TryGetProperty("channel", out _), golden.Name));
            }
        }
    }

    [Fact]
    public void What_a_product_s_model_does_not_map_keeps_its_own_name_and_is_marked_as_not_stored()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "m.json");
        File.WriteAllText(
            file,
            """{"timestamp":1650554828842,"messageType":"dataReport","deviceId":"40edca19","IMEI":"862592051651472","payload":{"valve_state":2,"temperature":0,"gas_value":0,"battery_voltage":1.1,"battery_value":100}}""");

        var (exitCode, output, _) = Run("--format", "ctwing", "--model", "ctwing-gas-valve", file, "--received", When);

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            """
            862592051651472  battery_level  100 %  good  2022-04-21T15:27:08.842Z
            862592051651472  temperature  0  good  2022-04-21T15:27:08.842Z  (field only: no channel of gas_valve comes of it; the service leaves it out)
            862592051651472  battery_voltage  1.1  good  2022-04-21T15:27:08.842Z  (field only: no channel of gas_valve comes of it; the service leaves it out)
            refused, wrong_type: 862592051651472 (ctwing): field valve_state, value 2: model ctwing-gas-valve does not say what its numbers mean;
            """.TrimEnd(),
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void In_json_only_what_is_not_stored_says_that_it_is_not_mapped()
    {
        var (exitCode, output, _) = Run("--format", "raw", "--model", "milesight-em400-udl", "--hex", "017564048244080367FA00", "--received", When, "--json");

        Assert.Equal(0, exitCode);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            [("battery_level", null), ("distance", false), ("temperature", false)],
            lines.Select(line => (line.GetProperty("channel").GetString(), line.TryGetProperty("mapped", out var mapped) ? mapped.GetBoolean() : (bool?)null)));
    }

    [Theory]
    [InlineData("distance  2116 mm  good  2026-03-01T00:00:00.000Z  (field only: well_water_level needs mount_height; --set mount_height=3.2m)")]
    [InlineData("well_water_level  1.084 m  good  2026-03-01T00:00:00.000Z", "--set", "mount_height=3.2m")]
    public void A_setting_that_is_missing_is_named_with_how_to_give_it(string expected, params string[] setting) =>
        Assert.Equal((0, $"device  {expected}\n", ""), Run(["--format", "raw", "--model", "milesight-em400-udl", "--hex", "04824408", "--received", When, .. setting]));

    [Fact]
    public void With_a_family_and_no_model_fields_are_judged_as_the_service_does()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "m.json");
        File.WriteAllText(file, """[{"bn":"urn:dev:mac:1:","n":"tilt_angle","u":"deg","v":1.5},{"n":"depth","u":"m","v":2}]""");

        var (exitCode, output, _) = Run("--format", "senml-json", "--family", "manhole_cover", file, "--received", When);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "urn:dev:mac:1  tilt_angle  1.5 deg  good  2026-03-01T00:00:00.000Z\nrefused, unknown_channel: urn:dev:mac:1 (senml-json): field depth: not a channel of family manhole_cover; the device's model says what its fields are\n",
            output);
        Assert.Equal((1, "refused, no_codec: a device's own bytes; --model says which model's codec reads them\n", ""), Run("--format", "raw", "--family", "tunnel", "--hex", "0175"));
    }

    [Theory]
    [InlineData("give --hex BYTES", "--format", "raw")]
    [InlineData("give --hex BYTES", "--format", "raw", "a.bin", "--hex", "00")]
    [InlineData("missing.bin", "--format", "raw", "missing.bin")]
    [InlineData("--hex 0g: expected hexadecimal digits", "--format", "raw", "--hex", "0g")]
    [InlineData("there is no format 'row'; did you mean 'raw'?", "--format", "row", "--hex", "00")]
    [InlineData("there is no model 'dragino-ldds57'; did you mean 'dragino-ldds75'?", "--format", "raw", "--model", "dragino-ldds57", "--hex", "00")]
    [InlineData("model dragino-ldds75 says nothing of family 'gas_valve'; its file maps manhole_cover, drainage_pump, tunnel", "--format", "raw", "--model", "dragino-ldds75", "--family", "gas_valve", "--hex", "00")]
    [InlineData("there is no family 'tunel'; did you mean 'tunnel'?", "--format", "native", "--family", "tunel", "--hex", "7B7D")]
    [InlineData("--received yesterday: expected 2026-03-01T00:00:00Z", "--format", "raw", "--hex", "00", "--received", "yesterday")]
    [InlineData("--set mount_height: expected a setting and its value", "--format", "raw", "--hex", "00", "--set", "mount_height")]
    [InlineData("--set mountheight=3.2m: family manhole_cover has no setting 'mountheight'; did you mean 'mount_height'?", "--format", "raw", "--model", "milesight-em400-udl", "--set", "mountheight=3.2m", "--hex", "00")]
    [InlineData("--set settings.mount_height \"abc\": a number in m", "--format", "raw", "--model", "milesight-em400-udl", "--set", "mount_height=abc", "--hex", "00")]
    [InlineData("--set mount_height=3m: a setting of which family?", "--format", "raw", "--set", "mount_height=3m", "--hex", "00")]
    [InlineData("there is no family 'tunel'; did you mean 'tunnel'?", "--format", "raw", "--family", "tunel", "--hex", "00")]
    [InlineData("there is no family 'gateway'", "--format", "raw", "--family", "gateway", "--hex", "00")]
    [InlineData("not a folder", "--format", "raw", "--hex", "00", "--Models:Path", "/no/such")]
    public void Wrong_usage_is_exit_code_2_and_says_what_would_be_right(string expected, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("decode: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_city_s_own_model_is_read_from_its_folder_and_its_mistakes_are_told()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "acme.yaml"), "model: acme\ntitle: {en: A, zh: B}\nsource: ours\nports: {any: {fields: {a: u8}}}\nchannels: {manhole_cover: {battery_level: {from: a, unit: \"%\"}}}\n");

        Assert.Equal((0, "device  battery_level  5 %  good  2026-03-01T00:00:00.000Z\n", ""), Run("--format", "raw", "--Models:Path", folder.Path, "--model", "acme", "--hex", "05", "--received", When));

        File.WriteAllText(Path.Combine(folder.Path, "bad.yaml"), "model: bad\n");
        Assert.Contains("bad.yaml:1:1: title is missing", Run("--format", "raw", "--Models:Path", folder.Path, "--model", "acme", "--hex", "05").Error, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = DecodeCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }
}
