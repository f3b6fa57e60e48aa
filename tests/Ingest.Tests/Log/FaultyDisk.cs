using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>
/// Files in memory that remember what was synced. A power loss keeps the synced state, a prefix of the unsynced directory operations (as
/// a journalling file system does), and of unsynced writes whatever sectors chance picks.
/// </summary>
public sealed class FaultyDisk : IFileSystem
{
    private const int Sector = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Inode> _names = [];
    private readonly Dictionary<string, Inode> _durableNames = [];
    private readonly List<Action<Dictionary<string, Inode>>> _unsynced = [];

    /// <summary>Bytes that fit; files count with their whole length.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Asked before each sync of a file; true fails it, and the kernel forgets the dirty pages.</summary>
    public Func<string, bool> FailSync { get; set; } = _ => false;

    public Func<string, bool> FailWrite { get; set; } = _ => false;

    public Func<bool> FailDirectorySync { get; set; } = () => false;

    public int Listings { get; private set; }

    public IEnumerable<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public byte[] Bytes(string path)
    {
        lock (_gate)
            return [.. _names[path].Bytes];
    }

    public void Change(string path, Action<byte[]> change)
    {
        lock (_gate)
        {
            change(_names[path].Bytes);
            _names[path].Synced();
        }
    }

    public FaultyDisk Copy()
    {
        lock (_gate)
        {
            var copy = new FaultyDisk();
            foreach (var (name, inode) in _names)
                copy._names[name] = copy._durableNames[name] = new Inode(inode.Bytes);
            return copy;
        }
    }

    public FaultyDisk AfterPowerLoss(Random random)
    {
        lock (_gate)
        {
            var names = new Dictionary<string, Inode>(_durableNames);
            foreach (var operation in _unsynced.Take(random.Next(_unsynced.Count + 1)))
                operation(names);
            var after = new FaultyDisk();
            foreach (var (name, inode) in names)
                after._names[name] = after._durableNames[name] = new Inode(inode.Survivors(random));
            return after;
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_gate)
        {
            Listings++;
            return [.. _names.Keys.Where(n => Path.GetDirectoryName(n) == directory).Select(n => Path.GetFileName(n)!)];
        }
    }

    public ILogFile Create(string path, long size)
    {
        lock (_gate)
        {
            var replaced = _names.TryGetValue(path, out var old) ? old.Bytes.Length : 0;
            if (Used() - replaced + size > Capacity)
                throw new IOException("no space left on the disk", 28);
            var inode = new Inode([]) { Bytes = new byte[size] };
            Apply(names => names[path] = inode);
            return new OpenFile(this, inode, path);
        }
    }

    public ILogFile Open(string path, bool writable)
    {
        lock (_gate)
            return _names.TryGetValue(path, out var inode) ? new OpenFile(this, inode, path) : throw new FileNotFoundException(path);
    }

    public void Move(string from, string to)
    {
        lock (_gate)
            Apply(names =>
            {
                if (names.Remove(from, out var inode))
                    names[to] = inode;
            });
    }

    public void Delete(string path)
    {
        lock (_gate)
            Apply(names => names.Remove(path));
    }

    public void CreateDirectory(string directory)
    {
    }

    public void SyncDirectory(string directory)
    {
        lock (_gate)
        {
            if (FailDirectorySync())
                throw new IOException("fsync of the directory failed", 5);
            foreach (var operation in _unsynced)
                operation(_durableNames);
            _unsynced.Clear();
        }
    }

    public long FreeBytes(string directory)
    {
        lock (_gate)
            return Math.Max(0, Capacity - Used());
    }

    public IDisposable Lock(string path) => new MemoryStream();

    private long Used() => _names.Values.Sum(i => (long)i.Bytes.Length);

    private void Apply(Action<Dictionary<string, Inode>> operation)
    {
        operation(_names);
        _unsynced.Add(operation);
    }

    private sealed class Inode(byte[] bytes)
    {
        private byte[] _durable = [.. bytes];
        private readonly List<(long Offset, byte[] Bytes)> _writes = [];

        public byte[] Bytes { get; set; } = [.. bytes];

        public void Write(long offset, ReadOnlySpan<byte> written)
        {
            if (offset + written.Length > Bytes.Length)
                Bytes = [.. Bytes, .. new byte[offset + written.Length - Bytes.Length]];
            written.CopyTo(Bytes.AsSpan((int)offset));
            _writes.Add((offset, written.ToArray()));
        }

        public void Truncate(long length) => Bytes = [.. Bytes.Take((int)length), .. new byte[Math.Max(0, length - Bytes.Length)]];

        public void Synced()
        {
            if (_durable.Length != Bytes.Length)
                _durable = [.. Bytes];
            foreach (var (offset, written) in _writes)
                Bytes.AsSpan((int)offset, (int)Math.Max(0, Math.Min(written.Length, Bytes.Length - offset))).CopyTo(_durable.AsSpan((int)Math.Min(offset, Bytes.Length)));
            _writes.Clear();
        }

        /// <summary>A later sync will succeed without them: what makes retrying on the same file a lie.</summary>
        public void ForgetDirtyPages() => _writes.Clear();

        public byte[] Survivors(Random random)
        {
            // A file that was never synced may have any length up to its last.
            byte[] survivors = _durable.Length == 0 && _writes.Count > 0 && random.Next(2) == 0 ? new byte[Bytes.Length] : [.. _durable];
            foreach (var (offset, written) in _writes)
            {
                for (long at = offset; at < offset + written.Length;)
                {
                    var end = Math.Min((at / Sector + 1) * Sector, offset + written.Length);
                    if (random.Next(2) == 0 && end <= survivors.Length)
                        written.AsSpan((int)(at - offset), (int)(end - at)).CopyTo(survivors.AsSpan((int)at));
                    at = end;
                }
            }
            return survivors;
        }
    }

    private sealed class OpenFile(FaultyDisk disk, Inode inode, string path) : ILogFile
    {
        public long Length
        {
            get
            {
                lock (disk._gate)
                    return inode.Bytes.Length;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._gate)
            {
                if (disk.FailWrite(path))
                    throw new IOException("input/output error", 5);
                inode.Write(offset, bytes);
            }
        }

        public int Read(long offset, Span<byte> into)
        {
            lock (disk._gate)
            {
                var count = (int)Math.Clamp(inode.Bytes.Length - offset, 0, into.Length);
                inode.Bytes.AsSpan((int)Math.Min(offset, inode.Bytes.Length), count).CopyTo(into);
                return count;
            }
        }

        public void Truncate(long length)
        {
            lock (disk._gate)
                inode.Truncate(length);
        }

        public void Sync()
        {
            lock (disk._gate)
            {
                if (disk.FailSync(path))
                {
                    inode.ForgetDirtyPages();
                    throw new IOException("fdatasync failed", 5);
                }
                inode.Synced();
            }
        }

        public void Dispose()
        {
        }
    }
}
