using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Hj212;

/// <summary>
/// Stations that speak HJ 212 over TCP. A station is its own gateway, named by its MN. A frame is decoded as if it had been published under <see cref="Hj212Format.TopicOf"/>, so that
/// its dead letters are decoded again as any others; its answer leaves once it is on the disk.
/// </summary>
/// <param name="append">The log.</param>
/// <param name="now">Log time, Unix ms.</param>
/// <param name="gate">Stands before the endpoint.</param>
/// <param name="logins">Null in open mode.</param>
public sealed partial class Hj212Listener(
    DecodingTables tables, AppendEntries append, Func<long> now, TimeProvider time, ILogger<Hj212Listener> logger, ConnectionGate gate, MqttLogins? logins = null) : IDisposable
{
    private readonly GatewayConnections _gateways = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Takes connections on an endpoint of Kestrel.</summary>
    public void Listen(ListenOptions endpoint)
    {
        gate.Use(endpoint);
        endpoint.Run(ServeAsync);
    }

    /// <inheritdoc cref="GatewayConnections.HeardElsewhere"/>
    public void HeardElsewhere(string gateway) => _gateways.HeardElsewhere(gateway);

    /// <summary>Ends all connections; says nothing of the stations behind them.</summary>
    public void Stop() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();

    private async Task ServeAsync(ConnectionContext connection)
    {
        var station = new Hj212Connection(connection, new MessageDecoder(tables), _gateways, append, now, gate, logins, time);
        var byService = true;
        try
        {
            (var why, byService) = await station.RunAsync(_stopping.Token);
            if (why is not null)
                LogClosed(connection.RemoteEndPoint, why);
        }
        catch (NotStoredException error)
        {
            LogNotStored(connection.RemoteEndPoint, error);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The line to the station broke, it takes nothing, or the service stops.
            byService = _stopping.IsCancellationRequested;
        }
        finally
        {
            await EndedAsync(station, byService);
        }
    }

    private async Task EndedAsync(Hj212Connection station, bool byService)
    {
        var down = _gateways.Ended(station, byService);
        if (down.Count == 0)
            return;
        try
        {
            await append([.. down.Select(gateway => new GatewayEntry(gateway, up: false, "connection_ended"))], _stopping.Token);
        }
        catch (Exception error)
        {
            LogEndNotStored(string.Join(", ", down), error);
        }
    }

    [LoggerMessage(LogLevel.Information, "HJ 212: the connection of {Address} is closed: {Why}")]
    private partial void LogClosed(EndPoint? address, string why);

    [LoggerMessage(LogLevel.Warning, "HJ 212: what came from {Address} could not be stored; its connection is closed and it is not answered")]
    private partial void LogNotStored(EndPoint? address, Exception error);

    [LoggerMessage(LogLevel.Warning, "HJ 212: that the connection of {Stations} ended could not be stored")]
    private partial void LogEndNotStored(string stations, Exception error);
}
