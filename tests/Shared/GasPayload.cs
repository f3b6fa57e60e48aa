using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Telemetry.Simulators.Load;

namespace Telemetry.Tests.Shared;

/// <summary>
/// Gas valves, five values, about 200 bytes a reading. The methane of some is above the limit of the shipped rule <see cref="Rule"/>, which has no
/// delay: once a device at most, since an alarm that stands is not raised again. Remembers when those were published.
/// </summary>
internal sealed class GasPayload(int devices, TimeProvider time) : ILoadPayload
{
    public const string Rule = "leak_high";
    private const string Prefix = "load-valve-";

    private static readonly byte[] Time = "{\"ts\":"u8.ToArray();
    private static readonly byte[] Sequence = ",\"seq\":"u8.ToArray();
    private static readonly byte[] Calm = "\",\"values\":{\"methane_lel\":0."u8.ToArray();
    private static readonly byte[] Leak = "\",\"values\":{\"methane_lel\":25."u8.ToArray();
    private static readonly byte[] Others = ",\"carbon_monoxide\":3.5,\"gas_pressure\":2.13,\"battery_level\":87.0,\"rsrp\":-97},\"fw\":\"1.4.2\",\"site\":\"donghu-east-012\"}"u8.ToArray();

    private readonly byte[][] _names = [.. Enumerable.Range(0, devices).Select(number => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"device\":\"{Prefix}{number:D6}")))];

    // By device: when its alarm was published, 0 before.
    private readonly long[] _alarmAt = new long[devices];

    // By device: event time of its last reading; two of one millisecond would be one point in the sink.
    private readonly long[] _lastTime = new long[devices];
    private long _period;
    private long _nextAlarm;
    private int _alarms;

    /// <summary>Alarms published so far.</summary>
    public int Alarms => Volatile.Read(ref _alarms);

    public static int? NumberOf(string device) =>
        device.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(device.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A key of device and sequence number.</summary>
    public static long Key(int device, long sequence) => ((long)device << 40) | sequence;

    public string Device(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D6}");

    public string Topic(int connection, string device) => string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/load-{connection}/gas_valve/{device}");

    public int MostBytes(int batch) => 2 + (batch * 260);

    /// <param name="perSecond">0 for none.</param>
    public void RaiseAlarms(int perSecond)
    {
        _period = perSecond > 0 ? time.TimestampFrequency / perSecond : 0;
        _nextAlarm = time.GetTimestamp();
    }

    /// <returns>A timestamp of the time provider; null where this device's alarm was not published.</returns>
    public long? AlarmPublishedAt(int device) => Volatile.Read(ref _alarmAt[device]) is > 0 and var at ? at : null;

    public int Write(Span<byte> to, int device, long newest, long firstSequence, int batch)
    {
        var at = 0;
        if (batch > 1)
            to[at++] = (byte)'[';
        var first = Math.Max(newest - batch + 1, _lastTime[device] + 1);
        _lastTime[device] = first + batch - 1;
        for (var i = 0; i < batch; i++)
        {
            if (i > 0)
                to[at++] = (byte)',';
            var sequence = firstSequence + i;
            Put(to, Time, ref at);
            Put(to, first + i, ref at);
            Put(to, Sequence, ref at);
            Put(to, sequence, ref at);
            Put(to, _names[device], ref at);
            Put(to, TakeAlarm(device) ? Leak : Calm, ref at);
            // 0.200 to 0.799 %LEL.
            Put(to, 200 + (sequence % 600), ref at);
            Put(to, Others, ref at);
        }
        if (batch > 1)
            to[at++] = (byte)']';
        return at;
    }

    private static void Put(Span<byte> to, byte[] part, ref int at)
    {
        part.CopyTo(to[at..]);
        at += part.Length;
    }

    private static void Put(Span<byte> to, long number, ref int at)
    {
        Utf8Formatter.TryFormat(number, to[at..], out var written);
        at += written;
    }

    private bool TakeAlarm(int device)
    {
        if (_period == 0 || _alarmAt[device] != 0)
            return false;
        var now = time.GetTimestamp();
        var due = Volatile.Read(ref _nextAlarm);
        if (now < due || Interlocked.CompareExchange(ref _nextAlarm, due + _period, due) != due)
            return false;
        Interlocked.Increment(ref _alarms);
        Volatile.Write(ref _alarmAt[device], now);
        return true;
    }
}
