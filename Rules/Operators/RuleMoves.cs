namespace Telemetry.Rules.Operators;

/// <summary>A step of a rule that began to stand at a device; -1 where none stands any more.</summary>
/// <param name="Instance">0 for a rule without instances.</param>
/// <param name="At">Event time, Unix ms.</param>
internal readonly record struct RuleMove(string Rule, int Instance, int Step, long At);

/// <summary>The moves of one device's rules, by event time.</summary>
internal sealed class RuleMoves
{
    // What is forgotten stays in front until it is more than the rest: moving the rest each time would cost as much as there is.
    private readonly List<RuleMove> _moves = [];
    private int _first;

    public int Count => _moves.Count - _first;

    public IEnumerable<RuleMove> All => _moves.Skip(_first);

    public long Newest => _moves[^1].At;

    public void Add(RuleMove move) => _moves.Insert(FirstFrom(move.At + 1), move);

    /// <summary>The step that stood just before a moment of event time; -1 for none.</summary>
    public int StepAt(string rule, int instance, long before)
    {
        for (var i = FirstFrom(before) - 1; i >= _first; i--)
        {
            var move = _moves[i];
            if (move.Rule == rule && move.Instance == instance)
                return move.Step;
        }
        return -1;
    }

    /// <summary>From a moment of event time on it was otherwise.</summary>
    public void Replace(long from, IEnumerable<RuleMove> moves)
    {
        var first = FirstFrom(from);
        _moves.RemoveRange(first, _moves.Count - first);
        foreach (var move in moves)
            Add(move);
    }

    /// <summary>Forgets what was before, but for what still stands.</summary>
    public void Forget(long before)
    {
        var kept = FirstFrom(before);
        if (kept == _first)
            return;
        var later = new HashSet<(string, int)>();
        for (var i = kept - 1; i >= _first; i--)
        {
            var move = _moves[i];
            if (later.Add((move.Rule, move.Instance)) && move.Step >= 0)
                _moves[--kept] = move;
        }
        _first = kept;
        if (_first <= _moves.Count / 2)
            return;
        _moves.RemoveRange(0, _first);
        _first = 0;
    }

    public void Save(BinaryWriter into, SharedStringWriter shared)
    {
        into.Write(Count);
        foreach (var move in All)
        {
            shared.Write(move.Rule);
            into.Write(move.Instance);
            into.Write(move.Step);
            into.Write(move.At);
        }
    }

    public void Load(BinaryReader from, SharedStringReader shared)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            _moves.Add(new RuleMove(shared.Read()!, from.ReadInt32(), from.ReadInt32(), from.ReadInt64()));
    }

    private int FirstFrom(long time)
    {
        var (low, high) = (_first, _moves.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_moves[middle].At < time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
