namespace Telemetry.Rules.Alarms;

/// <summary>The ledger's part of a checkpoint.</summary>
public sealed partial class LoadLedger
{
    public void Save(BinaryWriter into)
    {
        into.Write(_since);
        into.Write(_now);
        into.Write(_positions.Count);
        for (var i = 0; i < _positions.Count; i++)
        {
            into.Write(DefinitionOf(_positions[i]));
            _byPosition[i].Save(into);
        }
        into.Write(_byDistrict.Count);
        foreach (var (district, (scope, _)) in _byDistrict)
        {
            into.Write(district);
            scope.Save(into);
        }
        into.Write(_occurrences.Count);
        foreach (var (id, occurrence) in _occurrences)
        {
            into.Write(id);
            occurrence.Save(into);
        }
        _chatter.Save(into);
        _months.Save(into);
    }

    /// <summary>Takes up what <see cref="Save"/> wrote. A position that stands for other districts than it did begins anew, and its figures say since when.</summary>
    public void Load(BinaryReader from)
    {
        (_since, _now) = (from.ReadInt64(), from.ReadInt64());
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var definition = from.ReadString();
            var index = _positions.ToList().FindIndex(position => DefinitionOf(position) == definition);
            (index >= 0 ? _byPosition[index] : new LoadScope()).Load(from);
        }
        for (var left = from.ReadInt32(); left > 0; left--)
            ScopesOf(from.ReadString()).Scope.Load(from);
        for (var left = from.ReadInt32(); left > 0; left--)
            _occurrences[from.ReadString()] = LoadOccurrence.Load(from);
        _chatter.Load(from);
        _months.Load(from);
    }

    /// <summary>Changes when the position hears something else; what is unassigned does when any other position changes.</summary>
    private string DefinitionOf(LoadPosition position) => position.Districts switch
    {
        null => position.Name,
        [] => string.Join(';', _positions.Where(other => other.Districts is not []).Select(DefinitionOf)),
        var districts => $"{position.Name}={string.Join(',', districts)}",
    };
}
