using System.Text.Json;
using Telemetry.Simulators.Physics;

namespace Telemetry.EndToEnd.Tests;

[CollectionDefinition(nameof(RecordedDemo))]
public sealed class RecordedDemoTests : ICollectionFixture<RecordedDemo>;

/// <summary>One demonstration, run until all families of the city have raised alarms and some are over, then stopped: what it said, and the data that it left.</summary>
public sealed class RecordedDemo : IAsyncLifetime
{
    public static readonly IReadOnlyList<string> Families = [.. PhysicsSet.Shipped.All.Select(family => family.Name)];

    private readonly TempDirectory _data = new();

    /// <summary>Its data directory; the service is no more.</summary>
    public string Data => _data.Path;

    public bool WasReady { get; private set; }

    public int ExitCode { get; private set; }

    /// <summary>All that there were, as the API gave them last.</summary>
    public IReadOnlyList<JsonElement> Alarms { get; private set; } = [];

    public JsonElement Stats { get; private set; }

    public async ValueTask InitializeAsync()
    {
        await using var service = await ServiceProcess.StartAsync(_data.Path, 0, "--demo");
        using (var ready = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative)))
            WasReady = ready.IsSuccessStatusCode;
        Alarms = await Wait.ForAsync(
            "alarms of all families, some over",
            async () => (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray().ToList(),
            alarms => Families.All(family => alarms.Any(alarm => alarm.GetProperty("family").GetString() == family)) && alarms.Any(alarm => alarm.GetProperty("clearedAt").ValueKind == JsonValueKind.String),
            180);
        Stats = await service.GetAsync("api/v1/stats");
        ExitCode = await service.StopAsync();
    }

    public ValueTask DisposeAsync()
    {
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
