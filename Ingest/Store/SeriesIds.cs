namespace Telemetry.Ingest.Store;

/// <summary>Small numbers for (family, device, channel), so that a stored row carries four bytes instead of three strings.</summary>
internal sealed class SeriesIds
{
    // By device: one look-up serves all values of a reading, and a device's channels are few.
    private readonly Dictionary<string, List<(int Id, SeriesKey Key)>> _ofDevice = new(StringComparer.Ordinal);
    private readonly List<(int Id, SeriesKey Key)> _fresh = [];
    private List<(int Id, SeriesKey Key)> _last = [];
    private string? _lastDevice;
    private int _count;

    /// <summary>Series that are not in the database yet.</summary>
    public IReadOnlyList<(int Id, SeriesKey Key)> Fresh => _fresh;

    public void Load(int id, SeriesKey key)
    {
        OfDevice(key.Device).Add((id, key));
        _count++;
    }

    public int Of(in Point point)
    {
        var series = OfDevice(point.Device);
        foreach (var (known, key) in series)
        {
            if (key.Channel == point.Channel && key.Family == point.Family)
                return known;
        }
        var added = (Id: ++_count, new SeriesKey(point.Family, point.Device, point.Channel));
        series.Add(added);
        _fresh.Add(added);
        return added.Id;
    }

    /// <summary>The fresh series are in the database for good.</summary>
    public void Stored() => _fresh.Clear();

    private List<(int Id, SeriesKey Key)> OfDevice(string device)
    {
        if (ReferenceEquals(device, _lastDevice))
            return _last;
        if (!_ofDevice.TryGetValue(device, out var series))
            _ofDevice.Add(device, series = []);
        (_lastDevice, _last) = (device, series);
        return series;
    }
}

internal readonly record struct SeriesKey(string Family, string Device, string Channel);
