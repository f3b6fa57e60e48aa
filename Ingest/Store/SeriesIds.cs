using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>Small numbers for (family, device, channel), so that a stored row carries four bytes instead of three strings.</summary>
internal sealed class SeriesIds
{
    private readonly Dictionary<SeriesKey, int> _ids = [];
    private readonly List<(int Id, SeriesKey Key)> _fresh = [];

    /// <summary>Series that are not in the database yet.</summary>
    public IReadOnlyList<(int Id, SeriesKey Key)> Fresh => _fresh;

    public void Load(int id, SeriesKey key) => _ids.Add(key, id);

    public int Of(in Point point)
    {
        var key = new SeriesKey(point.Family, point.Device, point.Channel);
        if (_ids.TryGetValue(key, out var id))
            return id;
        id = _ids.Count + 1;
        _ids.Add(key, id);
        _fresh.Add((id, key));
        return id;
    }

    /// <summary>The fresh series are in the database for good.</summary>
    public void Stored() => _fresh.Clear();
}

internal readonly record struct SeriesKey(string Family, string Device, string Channel);
