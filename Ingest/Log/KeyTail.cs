namespace Telemetry.Ingest.Log;

/// <summary>The key index of a segment that has none on the disk yet, in memory: about 60 bytes a reading.</summary>
internal sealed class KeyTail(Segment segment)
{
    private readonly TailScan _scan = new(segment);
    private readonly List<KeyRecord> _read = [];

    // Each record names the one before it that has the same hash; -1 for none.
    private readonly List<(KeyRecord Record, int Before)> _records = [];
    private readonly Dictionary<ulong, int> _latest = [];

    public bool HasRead(long position) => _scan.HasRead(position);

    public void ReadTo(GroupReader groups, long last, StringTable strings) => _scan.ReadTo(groups, last, offset =>
    {
        KeyRecord.Collect(groups, offset, strings, _read);
        foreach (var record in _read)
        {
            _records.Add((record, _latest.GetValueOrDefault(record.Hash, -1)));
            _latest[record.Hash] = _records.Count - 1;
        }
        _read.Clear();
    });

    /// <summary>Records of this hash, the latest first.</summary>
    public IEnumerable<KeyRecord> Find(ulong hash)
    {
        for (var i = _latest.GetValueOrDefault(hash, -1); i >= 0; i = _records[i].Before)
            yield return _records[i].Record;
    }
}
