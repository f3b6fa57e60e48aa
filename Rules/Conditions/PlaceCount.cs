namespace Telemetry.Rules.Conditions;

/// <summary>What a <c>count_in(street, cover_open, 30m)</c> counts. Equal ones of a family share one.</summary>
/// <param name="Index">Position in the family's table.</param>
/// <param name="Place">One of <see cref="Functions.Places"/>, or a link's role.</param>
/// <param name="Source">What must hold at a device, or an instance of it, to count.</param>
/// <param name="Span">Milliseconds for which one counts on after it is over.</param>
public sealed record PlaceCount(int Index, string Place, Source Source, long Span);

/// <summary>The counts of one family, filled while its conditions are compiled.</summary>
public sealed class CountTable
{
    private readonly List<PlaceCount> _all = [];

    public IReadOnlyList<PlaceCount> All => _all;

    public PlaceCount Get(string place, Source source, long span)
    {
        var known = _all.Find(count => count.Place == place && count.Source == source && count.Span == span);
        if (known is null)
            _all.Add(known = new PlaceCount(_all.Count, place, source, span));
        return known;
    }
}
