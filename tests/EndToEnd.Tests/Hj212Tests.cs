using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A monitoring station at the service's own port for HJ 212, from its first frame to the store.</summary>
public sealed partial class Hj212Tests
{
    private const string Station = "010000A8900016F000169DC0";

    // With a CRC that another implementation published.
    private const string PublishedAnswer = "##0087QN=20160801085000001;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&C241\r\n";

    [Fact]
    public async Task What_was_answered_is_kept_over_a_kill_and_read_once_the_station_is_registered()
    {
        using var data = new TempDirectory();
        using var models = new TempDirectory();
        await File.WriteAllTextAsync(models.File("station.yaml"), """
            model: river-station
            title: {en: River station, zh: 水文站}
            source: this test
            channels:
              manhole_cover:
                well_water_level: {from: w01-Rtd, unit: m}
            """);
        string[] arguments = ["--Hj212:Port=0", $"--Models:Path={models.Path}"];
        var begun = TimeProvider.System.GetUtcNow().AddMinutes(-1);

        await using (var service = await ServiceProcess.StartAsync(data.Path, 0, arguments))
        {
            Assert.Equal(PublishedAnswer, await SendAsync(service, "20160801085000001", begun, 0.5));
            await service.KillAsync();
        }
        await using var again = await ServiceProcess.StartAsync(data.Path, 0, arguments);
        var letter = Assert.Single((await again.GetAsync("api/v1/deadletters")).EnumerateArray());
        Assert.Equal(("unknown_device", $"hj212/{Station}"), (letter.GetProperty("reason").GetString(), letter.GetProperty("topic").GetString()));
        using var registered = await again.Http.PutAsJsonAsync($"api/v1/devices/{Station}", new { family = "manhole_cover", model = "river-station" });
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        Assert.Equal(PublishedAnswer, await SendAsync(again, "20160801085000001", begun.AddSeconds(10), 0.7));

        var readings = await Wait.ForAsync(
            "both readings in the store",
            async () => (await again.GetAsync($"api/v1/devices/{Station}/readings?channel=well_water_level")).EnumerateArray().Select(reading => reading.GetProperty("value").GetRawText()).ToList(),
            values => values.Count == 2);
        Assert.Equal(["0.5", "0.7"], readings);
    }

    /// <summary>Sends real-time data of one value and returns what comes back.</summary>
    private static async Task<string> SendAsync(ServiceProcess service, string request, DateTimeOffset time, double level)
    {
        var port = int.Parse(Port().Match(service.Output).Groups["port"].ValueSpan, CultureInfo.InvariantCulture);
        using var client = new TcpClient("127.0.0.1", port);
        var segment = string.Create(
            CultureInfo.InvariantCulture, $"QN={request};ST=32;CN=2011;PW=123456;MN={Station};Flag=5;CP=&&DataTime={time.ToOffset(TimeSpan.FromHours(8)):yyyyMMddHHmmss};w01-Rtd={level},w01-Flag=N&&");
        var frame = $"##{segment.Length:0000}{segment}{Crc(Encoding.ASCII.GetBytes(segment)):X4}\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(frame));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadLineAsync().WaitAsync(Wait.Longest) + "\r\n";
    }

    private static ushort Crc(byte[] bytes)
    {
        var check = 0xFFFF;
        foreach (var each in bytes)
        {
            check = (check >> 8) ^ each;
            for (var bit = 0; bit < 8; bit++)
                check = (check & 1) == 0 ? check >> 1 : (check >> 1) ^ 0xA001;
        }
        return (ushort)check;
    }

    [GeneratedRegex("listening hj212=(?<port>[0-9]+)")]
    private static partial Regex Port();
}
