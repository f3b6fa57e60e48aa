namespace Telemetry.Benchmarks.Peers;

/// <summary>What stands around a subject in one run, all of it new: Mosquitto before it, InfluxDB behind it, as far as it uses them.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();

    /// <summary>Null where the subject is its own endpoint.</summary>
    public Mosquitto? Broker { get; private init; }

    /// <summary>Null where the subject stores by itself, or not at all.</summary>
    public Sink? Sink { get; private init; }

    /// <summary>The subject's own, gone afterwards.</summary>
    public string Folder => _folder.Path;

    public static async Task<Stand> StartAsync(SubjectKind kind) => new()
    {
        Broker = kind.BehindBroker ? await Mosquitto.StartAsync() : null,
        Sink = kind.IntoInflux ? await Sink.StartAsync() : null,
    };

    public async ValueTask DisposeAsync()
    {
        Broker?.Dispose();
        if (Sink is not null)
            await Sink.DisposeAsync();
        _folder.Dispose();
    }
}
