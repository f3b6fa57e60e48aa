using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>The index of a segment that is still written, in memory: it reads on from where it stood. 24 bytes a reading.</summary>
internal sealed class TailIndex(Segment segment)
{
    private readonly TailScan _scan = new(segment);
    private readonly Dictionary<ulong, List<DeviceIndex.Record>> _byDevice = [];
    private readonly List<DeviceIndex.Record> _read = [];

    public void ReadTo(GroupReader groups, long last, StringTable strings) => _scan.ReadTo(groups, last, offset =>
    {
        DeviceIndex.Collect(groups, offset, strings, _read);
        foreach (var record in _read)
        {
            if (!_byDevice.TryGetValue(record.Hash, out var records))
                _byDevice[record.Hash] = records = [];
            records.Add(record);
        }
        _read.Clear();
    });

    /// <summary>In log order; other devices of equal hash may be among them.</summary>
    public List<DeviceIndex.Record> Find(string device, long from, long to) =>
        _byDevice.TryGetValue(DeviceIndex.Hash(Encoding.UTF8.GetBytes(device)), out var records) ? records.FindAll(record => record.EventTime >= from && record.EventTime < to) : [];
}
