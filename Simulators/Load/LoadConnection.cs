using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Telemetry.Simulators.Load;

/// <summary>
/// One connection of the load: a single loop that fills a buffer with as many messages as window and rate allow, sends it in
/// one call, then takes whatever acknowledgements have come. Few system calls per message keep the publisher cheap beside
/// the service that it measures.
/// </summary>
internal sealed class LoadConnection
{
    private const int BufferBytes = 64 * 1024;
    // At a given rate messages leave in small groups.
    private static readonly TimeSpan PaceStep = TimeSpan.FromMilliseconds(5);

    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly AckRecorder? _recorder;
    private readonly int _index;
    private readonly long _share;
    private readonly byte[][] _devices;
    private readonly byte[][] _topics;
    private readonly long[] _nextSequence;
    private readonly ILoadPayload _payloads;
    private readonly MessageWindow _window;
    private readonly int _refillAt;
    private readonly int _mostFrameBytes;
    private readonly byte[] _payload;
    private readonly byte[] _out;
    private readonly byte[] _in = new byte[16 * 1024];
    private readonly byte[] _lines;
    private int _outLength;
    private int _inLength;
    private int _device;
    private long _started;
    private long _sent;
    private long _acknowledged;

    public LoadConnection(LoadOptions options, int index, AckRecorder? recorder, TimeProvider time)
    {
        (_options, _index, _recorder, _time) = (options, index, recorder, time);
        _share = options.Messages is { } all ? (all / options.Connections) + (index < all % options.Connections ? 1 : 0) : long.MaxValue;
        _payloads = options.Payload ?? new LoadPayload(options.Channels);
        var names = Enumerable.Range(0, options.Devices).Where(n => n % options.Connections == index).Select(_payloads.Device).ToList();
        _devices = [.. names.Select(Encoding.ASCII.GetBytes)];
        _topics = [.. names.Select(name => Encoding.ASCII.GetBytes(_payloads.Topic(index, name)))];
        _nextSequence = new long[names.Count];
        Array.Fill(_nextSequence, options.FirstSequence);
        _payload = new byte[_payloads.MostBytes(options.Batch)];
        _mostFrameBytes = _payload.Length + _topics.Max(MqttFrames.PublishOverhead);
        _out = new byte[Math.Max(BufferBytes, _mostFrameBytes)];
        _lines = new byte[_in.Length / 4 * (_devices.Max(d => d.Length) + AckRecorder.LineOverhead)];
        _window = new MessageWindow(options.InFlight);
        // Sending single messages as single slots come free would cost a system call each.
        _refillAt = Math.Max(1, options.InFlight / 4);
    }

    public long Sent => Interlocked.Read(ref _sent);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Resent { get; private set; }

    public int Drops { get; private set; }

    /// <summary>Why it ended early; null when all went well.</summary>
    public string? Error { get; private set; }

    public LatencyHistogram Latencies { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _started = _time.GetTimestamp();
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        if (_options.Duration is { } duration)
            patience.CancelAfter(duration + _options.Patience);
        try
        {
            while (!await TryRunAsync(patience, both.Token))
                Drops++;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Error = string.Create(CultureInfo.InvariantCulture, $"connection {_index}: {_window.Busy} messages unacknowledged after {_options.Patience.TotalSeconds:0} s");
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            Error = string.Create(CultureInfo.InvariantCulture, $"connection {_index}: {broken.Message}");
        }
    }

    /// <returns>False after a drop that is to be followed by another connection.</returns>
    private async Task<bool> TryRunAsync(CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(cancellationToken);
        try
        {
            await ResendAsync(socket, cancellationToken);
            await PublishAsync(socket, patience, cancellationToken);
            await socket.SendAsync(MqttFrames.Disconnect.ToArray(), cancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception dropped) when (_options.Reconnect && dropped is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<Socket> OpenAsync(CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(_options.Host, _options.Port, cancellationToken);
                await GreetAsync(socket, cancellationToken);
                return socket;
            }
            catch (Exception refused) when (_options.Reconnect && refused is SocketException or IOException && _time.GetElapsedTime(since) < _options.Patience)
            {
                socket.Dispose();
                await Task.Delay(pause, _time, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, TimeSpan.TicksPerSecond));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task GreetAsync(Socket socket, CancellationToken cancellationToken)
    {
        (_outLength, _inLength) = (0, 0);
        await socket.SendAsync(MqttFrames.Connect(string.Create(CultureInfo.InvariantCulture, $"load-{_index}"), !_options.Reconnect), cancellationToken);
        while (_inLength < 4)
            await ReceiveAsync(socket, cancellationToken);
        if (_in[0] != MqttFrames.ConnAck || _in[3] != 0)
            throw new IOException($"the connection was refused with MQTT return code {_in[3]}");
        Consume(4);
    }

    private async Task ResendAsync(Socket socket, CancellationToken cancellationToken)
    {
        foreach (var slot in _window.InOrder())
        {
            if (_outLength + slot.Length > _out.Length)
                await FlushAsync(socket, cancellationToken);
            if (slot.State == SlotState.Released)
            {
                _outLength += MqttFrames.PubRel(_out.AsSpan(_outLength), slot.PacketId);
                continue;
            }
            slot.Frame[0] |= MqttFrames.Duplicate;
            Append(slot);
            Resent++;
        }
        await FlushAsync(socket, cancellationToken);
    }

    private async Task PublishAsync(Socket socket, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        var drained = false;
        Task? receiving = null;
        while (true)
        {
            var wait = Fill();
            await FlushAsync(socket, cancellationToken);
            if (Finished && _window.Busy == 0)
                return;
            if (Finished && !drained)
            {
                drained = true;
                patience.CancelAfter(_options.Patience);
            }
            if (wait == TimeSpan.Zero)
                continue;
            receiving ??= ReceiveAsync(socket, cancellationToken);
            if (wait is { } pause)
                await Task.WhenAny(receiving, Task.Delay(pause, _time, cancellationToken));
            else
                await receiving;
            if (!receiving.IsCompleted)
                continue;
            await receiving;
            receiving = null;
            TakeAcknowledgements();
        }
    }

    private bool Finished => _sent >= _share || (_options.Duration is { } duration && _time.GetElapsedTime(_started) >= duration);

    /// <summary>Writes what window and rate allow into the buffer.</summary>
    /// <returns>Zero: there is more to send at once. A time: until the rate allows more. Null: until acknowledgements arrive.</returns>
    private TimeSpan? Fill()
    {
        if (Finished)
            return null;
        if (_options.Qos > 0 && _window.Free < _refillAt && _window.Busy > 0)
            return null;
        var allowed = Allowed();
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var timestamp = _time.GetTimestamp();
        while (allowed > 0 && _outLength + _mostFrameBytes <= _out.Length && (_options.Qos == 0 || _window.Free > 0))
        {
            AddMessage(now, timestamp);
            allowed--;
        }
        if (_options.Qos > 0 && _window.Free == 0)
            return null;
        return allowed > 0 ? TimeSpan.Zero : _sent >= _share ? null : PaceStep;
    }

    private long Allowed()
    {
        var left = _share - _sent;
        if (_options.Rate is not { } rate)
            return left;
        var own = rate / _options.Connections * _time.GetElapsedTime(_started).TotalSeconds;
        // The connections' turns are spread over the time between two messages.
        var due = (long)(own + ((double)_index / _options.Connections));
        return Math.Min(left, due - _sent);
    }

    private void AddMessage(long now, long timestamp)
    {
        var device = _device;
        _device = (_device + 1) % _devices.Length;
        var first = _nextSequence[device];
        _nextSequence[device] += _options.Batch;
        var payload = _payload.AsSpan(0, _payloads.Write(_payload, _index + (device * _options.Connections), now, first, _options.Batch));
        Interlocked.Increment(ref _sent);
        if (_options.Qos == 0)
        {
            _outLength += MqttFrames.Publish(_out.AsSpan(_outLength), 0, 0, _topics[device], payload);
            return;
        }
        var slot = _window.Take();
        if (slot.Frame.Length == 0)
            slot.Frame = new byte[_mostFrameBytes];
        slot.Length = MqttFrames.Publish(slot.Frame, _options.Qos, slot.PacketId, _topics[device], payload);
        (slot.Device, slot.FirstSequence, slot.SentAt) = (device, first, timestamp);
        Append(slot);
    }

    private void Append(MessageWindow.Slot slot)
    {
        slot.Frame.AsSpan(0, slot.Length).CopyTo(_out.AsSpan(_outLength));
        _outLength += slot.Length;
    }

    private async ValueTask FlushAsync(Socket socket, CancellationToken cancellationToken)
    {
        for (var at = 0; at < _outLength;)
            at += await socket.SendAsync(_out.AsMemory(at, _outLength - at), cancellationToken);
        _outLength = 0;
    }

    private async Task ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var read = await socket.ReceiveAsync(_in.AsMemory(_inLength), cancellationToken);
        if (read == 0)
            throw new IOException("the broker closed the connection");
        _inLength += read;
    }

    private void TakeAcknowledgements()
    {
        var now = _time.GetTimestamp();
        var lines = 0;
        var at = 0;
        for (; at + 4 <= _inLength; at += 4)
        {
            var id = BinaryPrimitives.ReadUInt16BigEndian(_in.AsSpan(at + 2));
            switch (_in[at])
            {
                case MqttFrames.PubAck when _window.Find(id, SlotState.Published) is { } slot:
                    lines += Acknowledge(slot, now, lines);
                    _window.Release(slot);
                    break;
                case MqttFrames.PubRec:
                    if (_window.Find(id, SlotState.Published) is { } received)
                    {
                        lines += Acknowledge(received, now, lines);
                        received.State = SlotState.Released;
                    }
                    _outLength += MqttFrames.PubRel(_out.AsSpan(_outLength), id);
                    break;
                case MqttFrames.PubComp when _window.Find(id, SlotState.Released) is { } completed:
                    _window.Release(completed);
                    break;
                case MqttFrames.PubAck or MqttFrames.PubComp:
                    break;
                default:
                    throw new IOException($"unexpected MQTT packet 0x{_in[at]:X2} from the broker");
            }
        }
        Consume(at);
        if (lines > 0)
            _recorder!.Write(_lines.AsSpan(0, lines));
    }

    /// <returns>Bytes of the record's line.</returns>
    private int Acknowledge(MessageWindow.Slot slot, long now, int lines)
    {
        Interlocked.Increment(ref _acknowledged);
        Latencies.Add(_time.GetElapsedTime(slot.SentAt, now));
        return _recorder is null ? 0 : AckRecorder.Format(_lines.AsSpan(lines), _devices[slot.Device], slot.FirstSequence, _options.Batch);
    }

    private void Consume(int bytes)
    {
        _in.AsSpan(bytes, _inLength - bytes).CopyTo(_in);
        _inLength -= bytes;
    }
}
