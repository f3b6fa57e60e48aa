using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Keeps the book of the operator positions, and raises <c>system/handover_unsigned</c> at the tick at which a handover has waited too long for its signatures: anew
/// when another one has, over when all are signed or taken back.
/// </summary>
public sealed class WatchPositions(Fleet fleet)
{
    public const string HandoverUnsigned = "handover_unsigned";

    // Whom the alarm speaks of: position and outgoing.
    private SortedSet<string> _said = new(StringComparer.Ordinal);
    private bool _waits;

    public PositionBook Book { get; private set; } = PositionBook.Empty;

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case PositionEntry entry:
                var (after, refusal) = Book.With(entry);
                moment.Refusal = refusal;
                if (after is null)
                    break;
                Book = after;
                _waits = after.States.Any(state => state.Value.Open is not null);
                Say(moment);
                break;
            case TickEntry when _waits:
                Say(moment);
                break;
        }
        return moment;
    }

    public void Save(BinaryWriter into)
    {
        Book.Save(into);
        into.Write(_said.Count);
        foreach (var name in _said)
            into.Write(name);
    }

    public void Load(BinaryReader from)
    {
        Book = PositionBook.Load(from);
        _waits = Book.States.Any(state => state.Value.Open is not null);
        for (var left = from.ReadInt32(); left > 0; left--)
            _said.Add(from.ReadString());
    }

    private void Say(Moment moment)
    {
        var unsigned = new SortedSet<string>(Book.Unsigned(moment.Entry.Time).Select(waiting => $"{waiting.Position}: {waiting.Outgoing}"), StringComparer.Ordinal);
        if (unsigned.SetEquals(_said))
            return;
        var isNews = !unsigned.IsSubsetOf(_said);
        if (_said.Count > 0 && (isNews || unsigned.Count == 0))
            WatchService.Add(moment, fleet, HandoverUnsigned, false, null);
        if (isNews)
            WatchService.Add(moment, fleet, HandoverUnsigned, true, string.Join("; ", unsigned));
        _said = unsigned;
    }
}
