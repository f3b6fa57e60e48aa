using System.IO.Hashing;
using System.Text.Json;

namespace Telemetry.Ingest.Cluster;

/// <summary>
/// Where the stream and this node's copy of it meet, and what the next message's entries depend on. A function of the messages up to
/// <see cref="Sequence"/> alone, so it is the same on every node that has read as far; without the file it is computed again from the stream's first message.
/// </summary>
internal sealed class StreamPlace
{
    public const string FileName = "stream";

    // Log time stands still for so long, so that a node that was away catches up in fewer, larger groups: each costs it an fsync.
    private const long Step = 20;

    // A node whose clock is ahead of the server's, which stored the message, does not take everybody with it.
    private const long MostAhead = 5_000;

    // A run that was silent for so long has ended; nothing of it is on its way any more.
    private const long RunsKept = 24 * 3600 * 1000L;

    /// <summary>When the stream was made: another stream of the same name has another one.</summary>
    public string Created { get; init; } = "";

    /// <summary>Name of the log that was moved into the stream, which the copies of it keep; null where the stream began empty.</summary>
    public string? Log { get; init; }

    /// <summary>Of the last message that is behind.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Of the last entry in it; the same on every node.</summary>
    public long Position { get; private set; }

    /// <summary>Log time of that entry, Unix ms.</summary>
    public long Time { get; private set; }

    /// <summary>By run: the number of its last message, and its log time.</summary>
    public Dictionary<string, long[]> Runs { get; init; } = [];

    /// <summary>Behind the log that was moved into the stream.</summary>
    public static StreamPlace Behind(string created, in StreamBeginning beginning) =>
        new() { Created = created, Log = beginning.Log, Sequence = StreamBeginning.Sequence, Position = beginning.Position, Time = beginning.Time };

    /// <summary>A message that holds no entries of ours.</summary>
    public void Skip(ulong sequence) => Sequence = sequence;

    /// <summary>Number of the run's message that must come next; null for a run of which nothing is known.</summary>
    public long? NextOf(ulong run) => Runs.TryGetValue(NameOf(run), out var last) ? last[0] + 1 : null;

    /// <summary>True if its entries count, at the positions up to <see cref="Position"/>, with <see cref="Time"/>; false where they stood in the stream before.</summary>
    /// <param name="stored">When the server stored it, Unix ms.</param>
    public bool Take(ulong sequence, in StreamMessage message, long stored)
    {
        Sequence = sequence;
        var run = NameOf(message.Run);
        // A run sends its messages one after another: what comes again comes with a number that was there.
        if (Runs.TryGetValue(run, out var last) && message.Number <= last[0])
            return false;
        var time = Math.Min(message.Time, stored + MostAhead);
        if (time >= Time + Step)
            Time = time;
        Position += message.Count;
        Runs[run] = [message.Number, Time];
        if (Runs.Count > 64)
        {
            foreach (var gone in Runs.Where(each => each.Value[1] < Time - RunsKept).Select(each => each.Key).ToList())
                Runs.Remove(gone);
        }
        return true;
    }

    /// <summary>Never ahead of what the copy holds on its disk.</summary>
    public void Save(string path)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Stored(Created, Log, Sequence, Position, Time, Runs));
        var unfinished = path + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Checksum(json) + "\n"));
            file.Write(json);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Null where there is none, or it is damaged.</summary>
    public static StreamPlace? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        var bytes = File.ReadAllBytes(path);
        var line = bytes.AsSpan().IndexOf((byte)'\n');
        if (line < 0 || System.Text.Encoding.ASCII.GetString(bytes, 0, line) != Checksum(bytes.AsSpan(line + 1)))
            return null;
        var stored = JsonSerializer.Deserialize<Stored>(bytes.AsSpan(line + 1))!;
        return new StreamPlace { Created = stored.Created, Log = stored.Log, Sequence = stored.Sequence, Position = stored.Position, Time = stored.Time, Runs = stored.Runs };
    }

    private static string NameOf(ulong run) => run.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private static string Checksum(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes).ToString("X8", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Stored(string Created, string? Log, ulong Sequence, long Position, long Time, Dictionary<string, long[]> Runs);
}
