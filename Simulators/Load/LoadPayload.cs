using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Telemetry.Simulators.Load;

/// <summary>Pump stations in the native format. Values lie where no shipped rule raises anything.</summary>
/// <param name="channels">Values in a reading, 1 to <see cref="MostChannels"/>.</param>
public sealed class LoadPayload(int channels) : ILoadPayload
{
    public const int MostChannels = 8;

    // The first channel's value follows; the others' values are constants, ready as bytes.
    private static readonly byte[] Head = "{\"ts\":"u8.ToArray();
    private static readonly byte[] Sequence = ",\"seq\":"u8.ToArray();
    private static readonly byte[] Level = ",\"values\":{\"sump_level\":1."u8.ToArray();

    private static readonly string[] Extra =
    [
        "\"road_water_depth\":0.01", "\"rainfall_intensity\":1.5", "\"motor_current.1\":147.2", "\"motor_current.2\":146.8",
        "\"discharge_flow.1\":3584.0", "\"discharge_flow.2\":3611.5", "\"discharge_flow.3\":3597.5",
    ];

    // What follows the first value.
    private readonly byte[] _tail = Encoding.UTF8.GetBytes(string.Concat(Extra.Take(channels - 1).Select(extra => "," + extra)) + "}}");

    public string Topic(int connection, string device) =>
        string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/load-{connection}/drainage_pump/{device}");

    public string Device(int number) => string.Create(CultureInfo.InvariantCulture, $"load-pump-{number:D6}");

    public int MostBytes(int batch) => 2 + (batch * (Head.Length + 20 + Sequence.Length + 20 + Level.Length + 3 + _tail.Length + 1));

    public int Write(Span<byte> to, int device, long newest, long firstSequence, int batch)
    {
        var at = 0;
        if (batch > 1)
            to[at++] = (byte)'[';
        for (var i = 0; i < batch; i++)
        {
            if (i > 0)
                to[at++] = (byte)',';
            Head.CopyTo(to[at..]);
            at += Head.Length;
            Utf8Formatter.TryFormat(newest - batch + 1 + i, to[at..], out var written);
            at += written;
            Sequence.CopyTo(to[at..]);
            at += Sequence.Length;
            var sequence = firstSequence + i;
            Utf8Formatter.TryFormat(sequence, to[at..], out written);
            at += written;
            Level.CopyTo(to[at..]);
            at += Level.Length;
            // 1.000 to 1.199 m: below the first pump's start.
            var millimetres = (int)(sequence % 200);
            to[at++] = (byte)('0' + (millimetres / 100));
            to[at++] = (byte)('0' + (millimetres / 10 % 10));
            to[at++] = (byte)('0' + (millimetres % 10));
            _tail.CopyTo(to[at..]);
            at += _tail.Length;
        }
        if (batch > 1)
            to[at++] = (byte)']';
        return at;
    }
}
