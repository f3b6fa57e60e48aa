using System.Globalization;
using System.Text;

[assembly: AssemblyFixture(typeof(Telemetry.Dashboards.Tests.Grafana.InfluxdFixture))]

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>One influxd for all tests of queries; each takes a database of its own.</summary>
public sealed class InfluxdFixture : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private int _databases;

    internal Influxd Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await Influxd.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>A new database with these lines in it; times in ms.</summary>
    public async Task<string> FillAsync(IEnumerable<string> lines)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"city_{Interlocked.Increment(ref _databases)}");
        await Server.CreateDatabaseAsync(name);
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8);
        using var response = await _http.PostAsync(new Uri(Server.Url, $"write?db={name}&precision=ms"), body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return name;
    }
}
