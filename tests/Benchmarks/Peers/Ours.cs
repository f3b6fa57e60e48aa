using DuckDB.NET.Data;

namespace Telemetry.Benchmarks.Peers;

/// <summary>The service with everything shipped switched on: behind Mosquitto or as its own endpoint, into InfluxDB or its embedded store.</summary>
internal sealed class Ours(Stand stand) : Subject(stand)
{
    private readonly int _port = FreePort.Next();
    private ServiceProcess? _service;

    public override int PublishPort => Stand.Broker?.Port ?? _port;

    public override int ProcessId => int.Parse(Service.Id, System.Globalization.CultureInfo.InvariantCulture);

    private ServiceProcess Service => _service ?? throw new InvalidOperationException("not started");

    private string Data => Path.Combine(Stand.Folder, "data");

    public override async Task StartAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        string[] broker = Stand.Broker is { } external ? [$"--Mqtt:External:Address=127.0.0.1:{external.Port}"] : [];
        _service = await ServiceProcess.StartAsync(Data, Stand.Broker is null ? _port : null, [.. broker, .. Stand.Sink?.ServiceArguments ?? []]);
    }

    public override Task KillAsync() => Service.KillAsync();

    public override Task StopAsync() => Service.StopAsync();

    /// <summary>Evaluated by the rules and stored; while readings are on their way to the disk, these too.</summary>
    public override async Task<long> ArrivedAsync()
    {
        var stats = await Service.GetAsync("api/v1/stats");
        var done = Math.Min(stats.GetProperty("rulesPosition").GetInt64(), stats.GetProperty("storePosition").GetInt64());
        return stats.GetProperty("accepted").GetInt64() - Math.Max(0, stats.GetProperty("logPosition").GetInt64() - done);
    }

    public override async Task<HashSet<long>?> KeysAsync()
    {
        if (Stand.Sink is not null)
            return await base.KeysAsync();
        await Service.CaughtUpAsync();
        // One process opens the file.
        await Service.StopAsync();
        using var connection = new DuckDBConnection($"Data Source={Path.Combine(Data, "series.duckdb")};ACCESS_MODE=READ_ONLY");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT s.device, r.sequence FROM readings r JOIN series s ON s.id = r.series WHERE s.channel = 'methane_lel' AND r.sequence IS NOT NULL";
        using var rows = command.ExecuteReader();
        var keys = new HashSet<long>();
        while (rows.Read())
        {
            if (GasPayload.NumberOf(rows.GetString(0)) is { } device)
                keys.Add(GasPayload.Key(device, rows.GetInt64(1)));
        }
        return keys;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
    }
}
