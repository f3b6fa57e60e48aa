using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Positions;

/// <summary>The operator positions: whose each alarm is, who mans what. Any thread; what it gives is a snapshot.</summary>
internal sealed class OperatorPositions(PositionPlan plan, AlarmOwner owner, PositionDirectory directory, AlarmBook alarms, LogWriting log)
{
    private const int MaxNote = 2000;

    public PositionPlan Plan => plan;

    /// <summary>As far as the rules have come.</summary>
    public PositionBook Book => directory.Book;

    /// <summary>Who answers for an alarm now; null while nobody is anywhere.</summary>
    public string? PositionOf(Alarm alarm) => plan.AnswersFor(owner.Of(alarm), Book);

    /// <summary>Open alarms that a position answers for now, newest first. Its own are among them while nobody mans it: whoever takes it next has to see them.</summary>
    public IReadOnlyList<Alarm> AlarmsOf(string position)
    {
        var book = Book;
        return [.. alarms.Open().Where(alarm => Hears(position, owner.Of(alarm), book))];
    }

    /// <summary>The district's devices are a position's in the same way.</summary>
    public bool Hears(string position, string? district) => Hears(position, plan.OwnerOf(district), Book);

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<OperatorPosition> All()
    {
        var book = Book;
        var owned = alarms.Open().ToLookup(owner.Of, StringComparer.Ordinal);
        var answers = plan.Positions.ToDictionary(position => position.Name, position => plan.AnswersFor(position.Name, book), StringComparer.Ordinal);
        return [.. plan.Positions.Select(position => new OperatorPosition(
            position.Name, position.Districts, position.Fallback, book.Of(position.Name), answers[position.Name],
            [.. plan.Positions.Select(other => other.Name).Where(other => other != position.Name && answers[other] == position.Name)], Count(owned[position.Name])))];
    }

    /// <summary>Those of which somebody sees all that belongs to them.</summary>
    public IReadOnlyList<OperatorPosition> All(Scope scope) => [.. All().Where(position => scope.SeesAllOf(position.Districts))];

    /// <exception cref="ApiException">404: there is none for whoever asks.</exception>
    public OperatorPosition Find(string position, Scope scope) => All(scope).FirstOrDefault(known => known.Name == position) ?? throw Unknown(position, scope);

    /// <exception cref="ApiException">404: the configuration has no such position.</exception>
    public OperatorPosition Find(string position) => All().FirstOrDefault(known => known.Name == position) ?? throw Unknown(position, Scope.City);

    /// <param name="by">Who takes it.</param>
    /// <exception cref="ApiException">404: the position; 409 with the refusal's name; 503: not in effect in time.</exception>
    public Task<OperatorPosition> SignOnAsync(string position, string by, CancellationToken cancellationToken) => ActAsync(new PositionEntry(PositionAction.SignOn, position, by), cancellationToken);

    /// <param name="by">Who acts.</param>
    /// <param name="person">Who leaves; null for whoever acts.</param>
    /// <exception cref="ApiException">As for <see cref="SignOnAsync"/>.</exception>
    public Task<OperatorPosition> SignOffAsync(string position, string by, string? person, CancellationToken cancellationToken) =>
        ActAsync(new PositionEntry(PositionAction.SignOff, position, by) { Person = person }, cancellationToken);

    /// <summary>A note for the next shift.</summary>
    /// <exception cref="ApiException">400: the text; else as for <see cref="SignOnAsync"/>.</exception>
    public Task<OperatorPosition> NoteAsync(string position, string by, string? text, CancellationToken cancellationToken) => string.IsNullOrWhiteSpace(text) || text.Length > MaxNote
        ? throw ApiException.BadRequest("bad_body", $"text: 1 to {MaxNote} characters")
        : ActAsync(new PositionEntry(PositionAction.Note, position, by) { Text = text }, cancellationToken);

    /// <summary>Why nobody hears the alarms; null while somebody does, or as long as nobody has ever signed on.</summary>
    public string? WhyNobody()
    {
        var book = Book;
        return !book.IsUsed || plan.Positions.Any(position => book.Of(position.Name).Person is not null)
            ? null
            : $"no operator position is manned ({string.Join(", ", plan.Positions.Select(position => position.Name))}): nobody answers for {alarms.Open().Count(alarm => alarm.Kind == AlarmKind.Alarm)} open alarms; sign on";
    }

    /// <returns>Position of the entry; null where it is so already and nothing was written.</returns>
    internal async Task<long?> WriteAsync(PositionEntry entry, CancellationToken cancellationToken)
    {
        if (plan.Find(entry.Name) is null)
            throw Unknown(entry.Name, Scope.City);
        var (after, refusal) = Book.With(entry);
        Refuse(refusal);
        if (after is null)
            return null;
        var position = await log.WriteAsync([entry], LogWriting.Patience, cancellationToken);
        // The rules have the last word: between the question and the entry things may have changed.
        Refuse(alarms.Refusals.Take(position));
        return position;
    }

    private async Task<OperatorPosition> ActAsync(PositionEntry entry, CancellationToken cancellationToken)
    {
        await WriteAsync(entry, cancellationToken);
        return Find(entry.Name);
    }

    private bool Hears(string position, string own, PositionBook book) => own == position || plan.AnswersFor(own, book) == position;

    private ApiException Unknown(string position, Scope scope) =>
        ApiException.NotFound("unknown_position", $"there is no position '{position}'; those of Operators:Positions are {string.Join(", ", plan.Positions.Where(known => scope.SeesAllOf(known.Districts)).Select(known => known.Name))}");

    private static void Refuse(ActionOutcome? outcome)
    {
        if (outcome?.Refusal is { } reason)
            throw ApiException.Conflict(reason, outcome.Why!);
    }

    private static PositionCounts Count(IEnumerable<Alarm> open)
    {
        var alarms = open.Where(alarm => alarm.Kind == AlarmKind.Alarm).ToList();
        return new PositionCounts(
            Of(AlarmState.ActiveUnacknowledged) + Of(AlarmState.ActiveAcknowledged), alarms.Count(alarm => alarm.Sounds), alarms.Count(alarm => alarm is { Sounds: true, Severity: Severity.Critical }),
            Of(AlarmState.LatchedUnacknowledged) + Of(AlarmState.LatchedAcknowledged), Of(AlarmState.Shelved), Of(AlarmState.Suppressed), Of(AlarmState.OutOfService), open.Count(alarm => alarm.Kind == AlarmKind.Ticket));

        int Of(AlarmState state) => alarms.Count(alarm => alarm.State == state);
    }
}
