using System.Collections.Frozen;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>The calendar in memory, for the API: a projection of the log, as far as the rules have come.</summary>
public sealed class CalendarDirectory
{
    private volatile FrozenDictionary<string, CalendarItem> _items = FrozenDictionary<string, CalendarItem>.Empty;

    public CalendarItem? Find(string id) => _items.GetValueOrDefault(id);

    public IEnumerable<CalendarItem> All => _items.Values;

    /// <summary>Replaces all: it changes a few hundred times a day.</summary>
    public void Set(IEnumerable<CalendarItem> items) => _items = items.ToFrozenDictionary(item => item.Id, StringComparer.Ordinal);
}
