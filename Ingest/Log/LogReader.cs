using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Reads entries in order, each once. For one thread at a time.</summary>
public sealed class LogReader : IDisposable
{
    private readonly CommittedPrefix _committed;
    private readonly IFileSystem _files;
    private readonly ReaderBook? _book;
    private readonly StringTable _strings = new();
    private Segment? _segment;
    private ILogFile? _file;
    private GroupReader? _groups;
    private long _groupsKnown;
    private long _offset;
    private int _entryAt;
    private bool _inGroup;

    internal LogReader(string name, long from, CommittedPrefix committed, IFileSystem files, ReaderBook? book)
    {
        (Name, Next, _committed, _files, _book) = (name, from, committed, files, book);
    }

    public string Name { get; }

    /// <summary>Position of the next entry.</summary>
    public long Next { get; private set; }

    /// <summary>Position of the first entry kept.</summary>
    public long First => _committed.First;

    /// <summary>Position of the last committed entry.</summary>
    public long Last => _committed.Last;

    /// <summary>Adds up to <paramref name="max"/> committed entries to <paramref name="into"/>; returns how many. Never waits.</summary>
    /// <exception cref="LogDamageException">Durable data is damaged; reading cannot go on.</exception>
    public int Read(List<LogEntry> into, int max)
    {
        var committed = _committed.Last;
        var read = 0;
        while (read < max && Next <= committed)
        {
            if (!_inGroup)
                EnterGroup(committed);
            read += ReadEntries(into, max - read);
        }
        return read;
    }

    /// <summary>Log time of a committed entry that is kept, Unix ms; null for none. It goes on behind that entry.</summary>
    public long? TimeOf(long position)
    {
        (Next, _segment, _inGroup) = (position, null, false);
        var entries = new List<LogEntry>(1);
        return Read(entries, 1) > 0 ? entries[0].Time : null;
    }

    /// <summary>Completes when there is at least one committed entry to read.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => _committed.WaitAsync(Next, cancellationToken);

    /// <summary>Everything up to and including this position is done with for good; retention and budget may count on it. Persisted lazily.</summary>
    public void Done(long position) => _book?.Done(Name, position);

    public void Dispose() => _file?.Dispose();

    private int ReadEntries(List<LogEntry> into, int max)
    {
        var groups = _groups!;
        var rest = groups.Entries[_entryAt..];
        var read = 0;
        for (; read < max && rest.Length > 0; read++)
        {
            var body = EntryCodec.NextBody(ref rest, out var kind);
            into.Add(EntryCodec.Read(kind, body, Next, groups.Header.Time, _strings));
            Next++;
        }
        _entryAt = groups.Header.Length - rest.Length;
        if (rest.Length == 0)
        {
            _inGroup = false;
            _offset += groups.Header.TotalLength;
        }
        return read;
    }

    private void EnterGroup(long committed)
    {
        // Bytes read ahead of what was committed then may have been written since.
        if (committed > _groupsKnown)
            _groups?.Forget();
        _groupsKnown = committed;
        if (_segment is null || Next > _segment.Last)
            EnterSegment();
        LogGroups.Read(_groups!, _segment!, _offset, null);
        var skip = Next - _groups!.Header.First;
        if (skip < 0 || Next > _groups.Header.Last)
            throw new LogDamageException(_segment!.Path, _offset, Next, null, $"a group that begins with {_groups.Header.First} stands where {Next} must be");
        var rest = _groups.Entries;
        for (; skip > 0; skip--)
            EntryCodec.NextBody(ref rest, out _);
        _entryAt = _groups.Header.Length - rest.Length;
        _inGroup = true;
    }

    private void EnterSegment()
    {
        _file?.Dispose();
        _file = null;
        Segment segment;
        do
        {
            // Retention may have passed a reader that has no name: it goes on at the first entry kept.
            Next = Math.Max(Next, _committed.First);
            segment = _committed.Holding(Next)!;
            _file = LogGroups.Open(_files, segment, _committed);
        }
        while (_file is null);
        _groups = new GroupReader(_file, segment.Header.Mark);
        _offset = segment.Seek(Next, _groups);
        _segment = segment;
    }
}
