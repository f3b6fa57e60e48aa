namespace Telemetry.Ingest.Log;

internal enum GroupState
{
    Valid,

    /// <summary>No bytes, or only zeros where the header would stand.</summary>
    End,

    Invalid,
}

/// <summary>
/// Reads groups of one segment file, each checked whole. Reads ahead in chunks; whoever reads behind a live writer must
/// <see cref="Forget"/> the chunk before it asks for groups committed after the chunk was read.
/// </summary>
/// <param name="chunk">Bytes read at once: large for reading on, small for picking single groups.</param>
internal sealed class GroupReader(ILogFile file, ulong mark, int chunk = 128 << 10)
{
    private readonly long _length = file.Length;
    private byte[] _buffer = new byte[chunk];
    private long _bufferAt;
    private int _buffered;
    private int _entriesAt;

    public GroupHeader Header { get; private set; }

    /// <summary>The entries of the group read last; valid until the next read.</summary>
    public ReadOnlySpan<byte> Entries => _buffer.AsSpan(_entriesAt, Header.Length);

    /// <summary>Reads and checks the group at this offset, which must begin with this position (any, if null).</summary>
    public GroupState Read(long offset, long? first)
    {
        if (!Buffer(offset, GroupHeader.Size, out var at))
            return GroupState.End;
        var bytes = _buffer.AsSpan(at, GroupHeader.Size);
        var header = GroupHeader.Read(bytes);
        if (header.Mark != mark)
            return bytes.ContainsAnyExcept((byte)0) ? GroupState.Invalid : GroupState.End;
        if (!header.IsPlausible(_length - offset) || header.First != (first ?? header.First))
            return GroupState.Invalid;
        if (!Buffer(offset, (int)header.TotalLength, out at) || !GroupHeader.ChecksumHolds(_buffer.AsSpan(at, (int)header.TotalLength)))
            return GroupState.Invalid;
        Header = header;
        _entriesAt = at + GroupHeader.Size;
        return GroupState.Valid;
    }

    /// <summary>Reads a header alone, unchecked but for its plausibility: to walk over groups on the way to one that will be read whole.</summary>
    public GroupHeader? Peek(long offset)
    {
        if (!Buffer(offset, GroupHeader.Size, out var at))
            return null;
        var header = GroupHeader.Read(_buffer.AsSpan(at, GroupHeader.Size));
        return header.Mark == mark && header.IsPlausible(_length - offset) ? header : null;
    }

    public void Forget() => _buffered = 0;

    private bool Buffer(long offset, int count, out int at)
    {
        at = (int)Math.Max(0, Math.Min(offset - _bufferAt, int.MaxValue));
        if (_buffered > 0 && offset >= _bufferAt && offset + count <= _bufferAt + _buffered)
            return true;
        if (_buffer.Length < count)
            _buffer = new byte[Math.Max(count, Math.Min(_buffer.Length * 2L, Array.MaxLength))];
        _bufferAt = offset;
        _buffered = file.Read(offset, _buffer);
        at = 0;
        return _buffered >= count;
    }
}
