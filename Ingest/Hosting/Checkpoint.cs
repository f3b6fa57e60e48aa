using System.IO.Hashing;
using System.Text;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// The rules' memory at one position of the log, on the disk: after a crash only the tail behind it is replayed. A file that can't be read is
/// no loss, only a longer replay.
/// </summary>
public sealed partial class Checkpoint(string path, ILogger<Checkpoint> logger)
{
    private const int ChecksumBytes = 4;
    private const int BufferBytes = 64 << 10;
    private static readonly byte[] Magic = "TLMCKP\r\n"u8.ToArray();

    /// <summary>Changes whenever a stage remembers something else: an older file is then replayed instead.</summary>
    public const int Version = 14;

    /// <exception cref="IOException">The disk does not take it; the checkpoint before stands.</exception>
    public void Save(long position, RulePipeline pipeline, Verdicts verdicts, PlaceHistory places, OperatorLoad load, MinuteSeries minutes)
    {
        var unfinished = path + ".new";
        // Straight to the file: of a city's million devices this is most of a gigabyte.
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferBytes))
        {
            using (var into = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
            {
                into.Write(Magic);
                into.Write(Version);
                into.Write(position);
                pipeline.Save(into);
                verdicts.Save(into);
                places.Save(into);
                load.Save(into);
                minutes.Save(into);
            }
            file.Write(ChecksumOf(file, file.Length));
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>The position that pipeline, verdicts, places, load and minutes stand at now; 0 if there is no usable checkpoint up to <paramref name="stored"/>.</summary>
    /// <param name="stored">What the projections hold.</param>
    /// <param name="logEnd">What the log holds.</param>
    /// <exception cref="InvalidDataException">It is ahead of the log, which has lost its end.</exception>
    public long Load(RulePipeline pipeline, Verdicts verdicts, PlaceHistory places, OperatorLoad load, MinuteSeries minutes, long stored, long logEnd)
    {
        if (Directory.Exists(path))
            return Unusable("a directory stands in its place, and none can be saved before it is removed");
        if (!File.Exists(path))
            return 0;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        if (!IsWhole(file))
            return Unusable("it is damaged");
        file.Position = 0;
        using var from = new BinaryReader(file, Encoding.UTF8);
        if (!from.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic) || from.ReadInt32() != Version)
            return Unusable("it is of another version");
        var position = from.ReadInt64();
        if (position > logEnd)
            throw LostEnd(path, position, logEnd);
        if (position > stored)
            return Unusable($"it stands at {position}, beyond what the projections hold ({stored})");
        using var uncollected = new Uncollected(file.Length);
        pipeline.Load(from);
        verdicts.Load(from);
        places.Load(from);
        load.Load(from);
        minutes.Load(from);
        return position;
    }

    /// <summary>What follows the log knows more of it than there is.</summary>
    public static InvalidDataException LostEnd(string path, long position, long logEnd) => new(
        $"{path} follows the log up to position {position}, but the log {(logEnd == 0 ? "is empty" : $"ends at {logEnd}")}: its end is lost, or it is another log. "
        + "Restore a backup (docs/operating.md, Damage). To go on with what is left, and without what came after it, move checkpoint, state.db, series.duckdb and notify.db away: they are made anew");

    private static bool IsWhole(FileStream file)
    {
        if (file.Length < Magic.Length + 16)
            return false;
        var expected = ChecksumOf(file, file.Length - ChecksumBytes);
        Span<byte> written = stackalloc byte[ChecksumBytes];
        file.ReadExactly(written);
        return written.SequenceEqual(expected);
    }

    /// <summary>Of the first bytes of a file; it stands behind them then.</summary>
    private static byte[] ChecksumOf(FileStream file, long length)
    {
        file.Position = 0;
        var checksum = new Crc32();
        var part = new byte[BufferBytes];
        for (var left = length; left > 0;)
        {
            var read = file.Read(part, 0, (int)Math.Min(part.Length, left));
            if (read == 0)
                throw new EndOfStreamException($"{file.Name} became shorter while it was read");
            checksum.Append(part.AsSpan(0, read));
            left -= read;
        }
        return checksum.GetCurrentHash();
    }

    private long Unusable(string why)
    {
        LogUnusable(path, why);
        return 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "checkpoint {Path} is not used: {Why}; the log is replayed from its first entry")]
    private partial void LogUnusable(string path, string why);
}
