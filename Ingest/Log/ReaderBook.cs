using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>How far each named reader is done; the file <c>readers</c>.</summary>
internal sealed class ReaderBook(string directory, IFileSystem files)
{
    private const string ChecksumLine = "crc32 ";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _done = new(StringComparer.Ordinal);
    private bool _changed;
    private long _slowest = long.MaxValue;

    private string Path => System.IO.Path.Combine(directory, LogNames.Readers);

    /// <summary>The lowest position any named reader is done with; <see cref="long.MaxValue"/> without readers.</summary>
    public long Slowest => Interlocked.Read(ref _slowest);

    /// <summary>Raised, on the reader's thread, when the slowest came on.</summary>
    public event Action? SlowestMoved;

    /// <param name="first">Where the log begins: asked for while nothing can be removed, so that it stays for this reader.</param>
    /// <returns>The position that it begins at.</returns>
    public long Register(string name, long from, Func<long> first)
    {
        lock (_gate)
        {
            var start = Math.Max(from, first());
            Set(name, start - 1);
            return start;
        }
    }

    /// <summary>Does it if everyone is done with everything up to this position; nobody begins meanwhile.</summary>
    public bool TryPass(long last, Action remove)
    {
        lock (_gate)
        {
            if (_slowest < last)
                return false;
            remove();
            return true;
        }
    }

    public void Done(string name, long position)
    {
        bool moved;
        lock (_gate)
        {
            if (_done.TryGetValue(name, out var before) && before >= position)
                return;
            moved = Set(name, position);
        }
        if (moved)
            SlowestMoved?.Invoke();
    }

    public void Forget(string name)
    {
        lock (_gate)
        {
            _changed |= _done.Remove(name);
            Interlocked.Exchange(ref _slowest, _done.Count == 0 ? long.MaxValue : _done.Values.Min());
        }
        SlowestMoved?.Invoke();
    }

    public void Load(ILogger logger)
    {
        if (!files.List(directory).Contains(LogNames.Readers))
            return;
        try
        {
            using var file = files.Open(Path, writable: false);
            var bytes = new byte[file.Length];
            file.Read(0, bytes);
            Parse(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            logger.ReadersIgnored(Path, e.Message);
        }
    }

    /// <summary>Writes the file if anything changed since.</summary>
    public void Save()
    {
        string text;
        lock (_gate)
        {
            if (!_changed)
                return;
            _changed = false;
            text = string.Concat(_done.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key}\t{r.Value}\n")));
        }
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text + Checksum(text));
            using (var file = files.Create(Path + LogNames.Unfinished, bytes.Length))
            {
                file.Write(0, bytes);
                file.Sync();
            }
            files.Move(Path + LogNames.Unfinished, Path);
            files.SyncDirectory(directory);
        }
        catch (IOException)
        {
            lock (_gate)
                _changed = true;
            throw;
        }
    }

    private static string Checksum(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{ChecksumLine}{Crc32.HashToUInt32(Encoding.UTF8.GetBytes(text)):X8}\n");

    private void Parse(string text)
    {
        var end = text.LastIndexOf(ChecksumLine, StringComparison.Ordinal);
        if (end < 0 || text[end..] != Checksum(text[..end]))
            throw new FormatException("its checksum is wrong");
        lock (_gate)
        {
            foreach (var line in text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var tab = line.IndexOf('\t', StringComparison.Ordinal);
                Set(line[..tab], long.Parse(line.AsSpan(tab + 1), NumberStyles.None, CultureInfo.InvariantCulture));
            }
            _changed = false;
        }
    }

    private bool Set(string name, long position)
    {
        _done[name] = position;
        _changed = true;
        var slowest = _done.Values.Min();
        return Interlocked.Exchange(ref _slowest, slowest) != slowest;
    }
}
