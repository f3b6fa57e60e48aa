using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Hj212;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Hj212;

/// <summary>One station's connection: what one read brings is decoded, appended together and, once that is on the disk, answered.</summary>
/// <param name="logins">Null in open mode, where every station is let in under every name.</param>
internal sealed class Hj212Connection(
    ConnectionContext connection, MessageDecoder decoder, GatewayConnections gateways, AppendEntries append, Func<long> now, ConnectionGate gate, MqttLogins? logins, TimeProvider time)
{
    /// <summary>Without a byte for so long, the station is taken for gone: hourly data is the rarest that a station sends by itself.</summary>
    public static readonly TimeSpan MaxIdle = TimeSpan.FromHours(2);

    /// <summary>From a frame's first byte to its last; also for a station to take what it is sent.</summary>
    public static readonly TimeSpan MaxUnderWay = TimeSpan.FromSeconds(30);

    // Among the ways of LoginFailures.
    private const string Via = "hj212";

    // One append's worth.
    private const int MaxEntries = 512;

    // A line that garbles so much is better opened anew, and rubbish must not fill the dead letters.
    private const int MaxBadInARow = 16;

    private readonly List<LogEntry> _entries = [];
    private readonly List<byte[]> _answers = [];
    private string _station = "_";
    private string? _password;
    private MqttLogin? _login;
    private bool _hasSpoken;
    private int _badInARow;

    /// <exception cref="NotStoredException">The log failed to take what would have been answered: the station sends it again.</exception>
    public async Task<Hj212End> RunAsync(CancellationToken stopping)
    {
        var input = connection.Transport.Input;
        long? begun = null;
        while (true)
        {
            // Whoever only opens a connection must not hold it for hours.
            var patience = _hasSpoken ? MaxIdle : MaxUnderWay;
            var read = await ReadAsync(input, begun is { } since ? MaxUnderWay - time.GetElapsedTime(since) : patience, stopping);
            if (read.IsCanceled && !_hasSpoken)
                gate.SaidNothing(connection.RemoteEndPoint);
            if (read.IsCanceled)
                return new(begun is null ? $"nothing came for {patience}" : $"a frame did not end within {MaxUnderWay.TotalSeconds} s", ByService: false);
            var buffer = read.Buffer;
            while (Hj212Stream.TryTake(ref buffer, out var bytes))
            {
                begun = null;
                var refusal = await TakeAsync(bytes, stopping);
                // What came before is stored all the same.
                if (refusal is not null || _entries.Count >= MaxEntries)
                    await CommitAsync(stopping);
                if (refusal is not null)
                    return new(refusal, ByService: true);
            }
            await CommitAsync(stopping);
            begun = buffer.IsEmpty ? null : begun ?? time.GetTimestamp();
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return new(null, ByService: false);
        }
    }

    /// <returns>Cancelled, where nothing came in time.</returns>
    private async ValueTask<ReadResult> ReadAsync(PipeReader input, TimeSpan within, CancellationToken stopping)
    {
        using var timer = time.CreateTimer(_ => input.CancelPendingRead(), null, within > TimeSpan.Zero ? within : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        return await input.ReadAsync(stopping);
    }

    /// <returns>Why the station is refused; null where it goes on.</returns>
    private async ValueTask<string?> TakeAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        var frame = Hj212Frame.TryParse(bytes);
        // A stranger's rubbish is worth no dead letter.
        if (frame is null && (logins is null ? !_hasSpoken && !Hj212Frame.Begins(bytes) : _login is null))
            return "not HJ 212";
        if (frame is not null)
        {
            if (logins is not null && !await IsKnownAsync(frame, logins, cancellationToken))
                return $"login of station {frame.Station} refused";
            // Connections of one station are not counted: a modem that lost its line comes back long before the old one is known to be gone.
            if (!_hasSpoken && !gate.Admit(connection, owner: null, most: int.MaxValue, replaces: false))
                return "as many connections as there may be";
            _hasSpoken = true;
            _station = DeviceId.IsValid(frame.Station) ? frame.Station! : "_";
        }
        _badInARow = frame is null ? _badInARow + 1 : 0;
        var message = decoder.Decode(Encoding.ASCII.GetBytes(Hj212Format.TopicOf(_station)), bytes, now(), _entries);
        if (message.Sign == GatewaySign.Reading)
            gateways.Heard(message.Gateway!, this);
        if (frame is not null && Hj212Answer.To(frame) is { } answer)
            _answers.Add(answer);
        return _badInARow == MaxBadInARow ? $"{MaxBadInARow} times in a row no frame" : null;
    }

    /// <summary>A station's login is its MN with the PW that stands in each of its frames.</summary>
    private async ValueTask<bool> IsKnownAsync(Hj212Frame frame, MqttLogins known, CancellationToken cancellationToken)
    {
        if (_login is { IsValid: true } && _login.Name == frame.Station && _password == frame.Password)
            return true;
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        (_login, _) = await known.TryAsync(frame.Station, Encoding.ASCII.GetBytes(frame.Password ?? ""), null, address, cancellationToken, Via);
        _password = frame.Password;
        return _login is { IsGateway: true };
    }

    private async Task CommitAsync(CancellationToken stopping)
    {
        try
        {
            if (_entries.Count > 0)
                await (await append(_entries, stopping)).WaitAsync(stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new NotStoredException(error);
        }
        _entries.Clear();
        if (_answers.Count == 0)
            return;
        using var limit = new CancellationTokenSource(MaxUnderWay, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        foreach (var answer in _answers)
            await connection.Transport.Output.WriteAsync(answer, both.Token);
        _answers.Clear();
    }
}

/// <summary>How a connection ended.</summary>
/// <param name="Why">For a person; null where the station closed it.</param>
/// <param name="ByService">That says nothing of the station.</param>
internal readonly record struct Hj212End(string? Why, bool ByService);
