using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A start that is refused says what, where and what would be right, and ends with exit code 1.</summary>
public sealed class BadStartTests
{
    [Theory]
    [InlineData("--Mqtt:Prot=1", "Mqtt:Port")]
    [InlineData("--http:port=1", "stands 2 times on the command line (0, 1)")]
    [InlineData("--Http:Address=0.0.0.0", "loopback")]
    [InlineData("--Mqtt:Address=0.0.0.0", "loopback")]
    [InlineData("--Hj212:Address=0.0.0.0", "loopback")]
    public async Task A_wrong_setting_is_named(string argument, string named)
    {
        using var data = new TempDirectory();
        await RefusedAsync([$"--Data:Path={data.Path}", "--Mqtt:Port=0", "--Http:Port=0", argument], named);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var data = new TempDirectory();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await RefusedAsync([$"--Data:Path={data.Path}", $"--Mqtt:Port={port}", "--Http:Port=0"], port, "in use");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_is_named()
    {
        using var data = new TempDirectory();
        var file = Path.Combine(data.Path, "file");
        await File.WriteAllTextAsync(file, "");
        await RefusedAsync([$"--Data:Path={file}/data", "--Mqtt:Port=0", "--Http:Port=0"], "Data:Path", file);
    }

    [Fact]
    public async Task A_typing_error_in_a_family_file_is_named_with_its_line()
    {
        using var data = new TempDirectory();
        using var rules = Families(text => text.Replace("tilt_angle", "tilt_angel", StringComparison.Ordinal).Replace("tilt_angel:", "tilt_angle:", StringComparison.Ordinal));
        await RefusedAsync([$"--Data:Path={data.Path}", $"--Rules:Path={rules.Path}", "--Mqtt:Port=0", "--Http:Port=0"], "manhole_cover.yaml", "tilt_angel");
    }

    [Fact]
    public async Task A_channel_that_has_another_type_than_before_is_named_with_its_line()
    {
        using var data = new TempDirectory();
        await using (var service = await ServiceProcess.StartAsync(data.Path))
            await service.CaughtUpAsync();
        using var rules = Families(text => text.Replace("{unit: dBm,      plausible: -140..-44, whole: true,         every: 24h,                 normal: -110..-70,", "{bool: true, every: 24h,", StringComparison.Ordinal));
        await RefusedAsync([$"--Data:Path={data.Path}", $"--Rules:Path={rules.Path}", "--Mqtt:Port=0", "--Http:Port=0"], "manhole_cover.yaml:24:3: channels.rsrp: a boolean now, and a number in version", "Give the channel another name");
    }

    [Fact]
    public async Task A_typing_error_in_a_sensor_model_is_named_with_its_place()
    {
        using var data = new TempDirectory();
        using var models = new TempDirectory();
        await File.WriteAllTextAsync(Path.Combine(models.Path, "acme.yaml"), "model: acme\ntitle: {en: A, zh: B}\nsource: ours\nchannels: {manhole_cover: {tilt_angel: {from: tilt}}}\n");
        await RefusedAsync([$"--Data:Path={data.Path}", $"--Models:Path={models.Path}", "--Mqtt:Port=0", "--Http:Port=0"], "acme.yaml:4:28", "did you mean 'tilt_angle'?");
    }

    [Fact]
    public async Task All_errors_come_in_one_message()
    {
        using var data = new TempDirectory();
        await RefusedAsync([$"--Data:Path={data.Path}", "--Mqtt:Port=abc", "--Http:Port=99999", "--Log:Keep=soon"], "Mqtt:Port = abc", "Http:Port = 99999", "Log:Keep = soon");
    }

    private static TempDirectory Families(Func<string, string> change)
    {
        var folder = new TempDirectory();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "Rules/Families"), "*.yaml"))
        {
            var text = File.ReadAllText(file);
            File.WriteAllText(Path.Combine(folder.Path, Path.GetFileName(file)), Path.GetFileName(file) == "manhole_cover.yaml" ? change(text) : text);
        }
        return folder;
    }

    private static async Task RefusedAsync(string[] arguments, params string[] named)
    {
        var (exitCode, output, error) = await ServiceProcess.RunAsync(arguments);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {error}");
        Assert.DoesNotContain("listening", output, StringComparison.Ordinal);
        Assert.All(named, text => Assert.Contains(text, error, StringComparison.Ordinal));
    }
}
