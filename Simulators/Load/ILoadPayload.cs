namespace Telemetry.Simulators.Load;

/// <summary>What a load publishes: its devices, their topics, and the bytes of their messages. Called by all connections at once, for one device always by the same one.</summary>
public interface ILoadPayload
{
    /// <summary>ASCII.</summary>
    string Device(int number);

    string Topic(int connection, string device);

    /// <summary>An upper bound of a payload's bytes.</summary>
    int MostBytes(int batch);

    /// <param name="newest">Unix milliseconds of the last reading; those before it lie a millisecond apart.</param>
    /// <returns>Bytes written.</returns>
    int Write(Span<byte> to, int device, long newest, long firstSequence, int batch);
}
