using System.Buffers.Text;

namespace Telemetry.Simulators.Load;

/// <summary>
/// The file of acknowledgements, one line <c>device first-seq count</c> per message. Handed to the operating system as the
/// acknowledgements arrive, so that it is whole whatever happens to this process.
/// </summary>
public sealed class AckRecorder(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private readonly Lock _gate = new();

    public void Write(ReadOnlySpan<byte> lines)
    {
        lock (_gate)
            _file.Write(lines);
    }

    /// <summary>Room that one line may need beyond the device's name.</summary>
    public const int LineOverhead = 34;

    /// <returns>Bytes written.</returns>
    public static int Format(Span<byte> to, ReadOnlySpan<byte> device, long firstSequence, int count)
    {
        device.CopyTo(to);
        var at = device.Length;
        to[at++] = (byte)' ';
        Utf8Formatter.TryFormat(firstSequence, to[at..], out var written);
        at += written;
        to[at++] = (byte)' ';
        Utf8Formatter.TryFormat(count, to[at..], out written);
        at += written;
        to[at++] = (byte)'\n';
        return at;
    }

    public void Dispose() => _file.Dispose();
}
