using System.Collections.Immutable;
using System.Text.Json;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Positions;

/// <summary>
/// Who mans the operator positions and how far their handovers are: a function of the position entries alone. Immutable. The API asks it before it writes an entry, and
/// the rules when they come to it: both ask here.
/// </summary>
public sealed class PositionBook
{
    /// <summary>Notes between two handovers; each stands in the checkpoint.</summary>
    public const int MostNotes = 500;

    private readonly ImmutableSortedDictionary<string, PositionState> _states;

    private PositionBook(ImmutableSortedDictionary<string, PositionState> states) => _states = states;

    public static PositionBook Empty { get; } = new(ImmutableSortedDictionary.Create<string, PositionState>(StringComparer.Ordinal));

    /// <summary>Somebody has signed on somewhere, some time: before that positions only count.</summary>
    public bool IsUsed => _states.Values.Any(state => state.Since is not null);

    /// <summary>In the order of their names, those that nobody has ever touched left out.</summary>
    public IEnumerable<KeyValuePair<string, PositionState>> States => _states;

    /// <summary>The handover of this id, if it waits for signatures or was the position's last to be signed.</summary>
    public Handover? Find(string position, long id) => Of(position) is var state && state.Open?.Id == id ? state.Open : state.Signed?.Id == id ? state.Signed : null;

    public PositionState Of(string position) => _states.GetValueOrDefault(position, PositionState.Empty);

    /// <summary>What the entry makes of it: the book after, null where it is so already; or a refusal.</summary>
    /// <param name="entry">Its <see cref="LogEntry.Time"/> is now; of a handover that is opened its <see cref="LogEntry.Position"/> counts too.</param>
    public (PositionBook? After, ActionOutcome? Refusal) With(PositionEntry entry)
    {
        var state = Of(entry.Name);
        var (after, refusal) = entry.Action switch
        {
            PositionAction.SignOn => SignOn(state, entry),
            PositionAction.SignOff => SignOff(state, entry),
            PositionAction.Note => Note(state, entry),
            PositionAction.OpenHandover => Open(state, entry),
            PositionAction.SignHandover => Sign(state, entry),
            _ => No("unknown_action", $"action {(byte)entry.Action} is of a newer version"),
        };
        return (after is null ? null : new PositionBook(_states.SetItem(entry.Name, after)), refusal);
    }

    /// <summary>Handovers that nobody, or only one of the two, has signed in time, in the order of their positions.</summary>
    /// <param name="now">Log time, Unix ms.</param>
    public IEnumerable<Handover> Unsigned(long now) => _states.Values.Select(state => state.Open).OfType<Handover>().Where(open => now - open.UnsignedSince >= Handover.UnsignedTooLong);

    public void Save(BinaryWriter into)
    {
        into.Write(_states.Count);
        foreach (var (name, state) in _states)
        {
            into.Write(name);
            into.Write(JsonSerializer.Serialize(state));
        }
    }

    public static PositionBook Load(BinaryReader from)
    {
        var states = Empty._states.ToBuilder();
        for (var left = from.ReadInt32(); left > 0; left--)
            states[from.ReadString()] = JsonSerializer.Deserialize<PositionState>(from.ReadString()) ?? throw new InvalidDataException("a position is missing in the checkpoint");
        return new PositionBook(states.ToImmutable());
    }

    private static (PositionState?, ActionOutcome?) SignOn(PositionState state, PositionEntry entry) =>
        state.Person == entry.By ? default
        : state.Person is { } person ? No("position_manned", $"{person} mans {entry.Name}: hand over (POST /api/v1/handover), or sign {person} off first")
        // Whoever left without both signatures has nothing to hand over any more.
        : (state with { Person = entry.By, Since = entry.Time, Open = state.Open?.Outgoing == entry.By ? state.Open : null }, null);

    private static (PositionState?, ActionOutcome?) SignOff(PositionState state, PositionEntry entry) =>
        state.Person is not { } person ? default
        : person == (entry.Person ?? entry.By) ? (state with { Person = null, Since = entry.Time }, null)
        : No("not_on_duty", $"{person} mans {entry.Name}, not {entry.Person ?? entry.By}; to sign somebody else off, say who: person: {person}");

    private static (PositionState?, ActionOutcome?) Note(PositionState state, PositionEntry entry) =>
        state.Notes.Count >= MostNotes
            ? No("too_many_notes", $"{MostNotes} notes since the last handover of {entry.Name}; hand over first")
            : (state with { Notes = state.Notes.Add(new ShiftNote(entry.Time, entry.By, entry.Text ?? "")) }, null);

    private static (PositionState?, ActionOutcome?) Open(PositionState state, PositionEntry entry)
    {
        if (state.Person is not { } person)
            return No("position_unmanned", $"nobody mans {entry.Name}, so nobody can hand it over; whoever takes it signs on");
        if (person != entry.By)
            return No("not_on_duty", $"{person} mans {entry.Name} and hands it over");
        return (state with
        {
            Open = new Handover
            {
                Id = entry.Position,
                Position = entry.Name,
                Outgoing = person,
                OpenedAt = entry.Time,
                UnsignedSince = state.Open is { } before && before.Outgoing == person ? before.UnsignedSince : entry.Time,
                Hash = entry.Hash ?? "",
                Notes = state.Notes.Count,
            },
        }, null);
    }

    private static (PositionState?, ActionOutcome?) Sign(PositionState state, PositionEntry entry)
    {
        if (state.Open is not { } open || open.Id != entry.Handover)
        {
            return state.Signed is { } signed && signed.Id == entry.Handover
                ? signed.Outgoing == entry.By || signed.IncomingSigned!.By == entry.By ? default : No("signed", $"{signed.Outgoing} and {signed.IncomingSigned.By} have signed this handover")
                : No("superseded", state.Open is { } other ? $"the document was taken anew: read and sign {other.Id}" : "this handover is no longer open");
        }
        var signature = new Signature(entry.By, entry.Time, entry.Seen);
        if (PersonName.IsSame(entry.By, open.Outgoing))
            return open.OutgoingSigned is null ? (Signed(state, open with { OutgoingSigned = signature }), null) : default;
        return open.IncomingSigned is not { By: var incoming } ? (Signed(state, open with { IncomingSigned = signature }), null)
            : incoming == entry.By ? default
            : No("other_incoming", $"{incoming} has signed as the incoming person; the other signature is {open.Outgoing}'s");
    }

    /// <summary>With the second signature the incoming person mans the position. Notes that came after the document go to the next one.</summary>
    private static PositionState Signed(PositionState state, Handover handover) => !handover.IsSigned
        ? state with { Open = handover }
        : state with { Person = handover.IncomingSigned!.By, Since = Math.Max(handover.IncomingSigned.At, handover.OutgoingSigned!.At), Notes = state.Notes.RemoveRange(0, handover.Notes), Open = null, Signed = handover };

    private static (PositionState?, ActionOutcome?) No(string reason, string why) => (null, ActionOutcome.Refused(reason, why));
}
