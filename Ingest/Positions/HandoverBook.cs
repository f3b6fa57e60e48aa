using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Positions;

/// <summary>Handovers: the document as it would be now, frozen, signed. Any thread.</summary>
internal sealed class HandoverBook(OperatorPositions positions, HandoverReader reader, StateDatabase database)
{
    private const int MaxId = 64;

    /// <summary>As it would be now; nothing is written.</summary>
    /// <exception cref="ApiException">404: the position; 403 <c>scope</c>: it answers for others now that whoever asks does not see.</exception>
    public HandoverDocument Draft(string position, Scope scope)
    {
        var own = positions.Find(position, scope);
        return SeesAll(own.AnswersFor, scope)
            ? reader.Of(position)
            : throw AccessGuard.OutOfScope($"{position} answers for {string.Join(", ", own.AnswersFor)} too now, and you see {scope}: somebody who sees the whole city hands it over");
    }

    /// <summary>Freezes the document. An unsigned one of the same position is no longer to be signed.</summary>
    /// <param name="by">Whoever mans the position.</param>
    /// <exception cref="ApiException">404: the position; 403 as for <see cref="Draft"/>; 409 with the refusal's name; 503: not in effect in time.</exception>
    public async Task<StoredHandover> OpenAsync(string position, string by, Scope scope, CancellationToken cancellationToken)
    {
        var document = JsonSerializer.Serialize(Draft(position, scope), ApiJson.Options);
        var entry = new PositionEntry(PositionAction.OpenHandover, position, by) { Text = document, Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document))) };
        var id = await positions.WriteAsync(entry, cancellationToken);
        return Find(id!.Value, scope);
    }

    /// <summary>Signs as the outgoing person, or as the incoming one. With the second signature the incoming one mans the position.</summary>
    /// <param name="seen">Ids of the shelved alarms that <paramref name="by"/> has seen.</param>
    /// <param name="hash">Of the document that was read; null leaves it unchecked.</param>
    /// <exception cref="ApiException">404; 409 <c>unseen_shelved</c> with <c>alarms</c>, <c>other_document</c> or the refusal's name; 503: not in effect in time.</exception>
    public async Task<StoredHandover> SignAsync(long id, string by, IReadOnlyCollection<string> seen, string? hash, Scope scope, CancellationToken cancellationToken)
    {
        if (seen.Any(alarm => string.IsNullOrWhiteSpace(alarm) || alarm.Length > MaxId))
            throw ApiException.BadRequest("bad_body", $"seen: ids of alarms, at most {MaxId} characters each");
        var handover = Find(id, scope).Handover;
        if (hash is not null && !hash.Equals(handover.Hash, StringComparison.OrdinalIgnoreCase))
            throw ApiException.Conflict("other_document", $"hash: the document of handover {id} has {handover.Hash}; read that one");
        var entry = new PositionEntry(PositionAction.SignHandover, handover.Position, by) { Handover = id, Seen = [.. seen.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] };
        // Who has signed already, or may not at all, is told that first.
        if (positions.Book.With(entry) is { After: not null } && Unseen(handover.Position, seen) is { Count: > 0 } unseen)
            throw ApiException.Conflict("unseen_shelved", $"nothing stays shelved across a handover unseen: look at {string.Join(", ", unseen.Select(alarm => $"{alarm.Device} {alarm.Rule}"))}, and name each id in seen").With("alarms", unseen);
        await positions.WriteAsync(entry, cancellationToken);
        return Find(id, scope);
    }

    /// <summary>What has to be ticked as seen now; it may have changed since the document.</summary>
    public IReadOnlyList<UnseenAlarm> Unseen(string position, IReadOnlyCollection<string> seen) =>
        [.. positions.AlarmsOf(position).Where(alarm => alarm.State == AlarmState.Shelved && !seen.Contains(alarm.Id)).OrderBy(alarm => alarm.Id, StringComparer.Ordinal)
            .Select(alarm => new UnseenAlarm(alarm.Id, alarm.Device, alarm.Rule, alarm.Instance, alarm.Overlay?.Until is { } until ? Iso.Time(until) : null))];

    /// <exception cref="ApiException">404; 503: the log has it and the disk does not take it for now.</exception>
    public StoredHandover Find(long id, Scope scope)
    {
        var stored = Find(id);
        return scope.IsCity || (SeesAll([stored.Handover.Position], scope) && SeesAll(JsonSerializer.Deserialize<HandoverDocument>(stored.Document!, ApiJson.Options)!.AnswersFor, scope)) ? stored : throw Unknown(id);
    }

    private StoredHandover Find(long id) => database.Handover(id) ?? throw (positions.Book.States.Any(state => positions.Book.Find(state.Key, id) is not null)
        ? new ApiException(StatusCodes.Status503ServiceUnavailable, "projections_failing", $"handover {id} stands in the log and can't be stored for now")
        : Unknown(id));

    // One that has left the configuration was of nobody knows which districts.
    private bool SeesAll(IEnumerable<string> names, Scope scope) => scope.IsCity || names.All(name => positions.Plan.Find(name) is { } position && scope.SeesAllOf(position.Districts));

    private static ApiException Unknown(long id) => ApiException.NotFound("unknown_handover", $"there is no handover {id}");

    /// <summary>Newest first, without their documents.</summary>
    /// <param name="position">Null for all.</param>
    public IReadOnlyList<Handover> Latest(string? position, int limit, Scope scope) => scope.IsCity
        ? database.Handovers(position, limit)
        : [.. positions.All(scope).Where(own => position is null || own.Name == position).SelectMany(own => database.Handovers(own.Name, limit)).OrderByDescending(handover => handover.Id).Take(limit)];
}

/// <param name="Until">When the shelve ends by itself.</param>
public sealed record UnseenAlarm(string Id, string Device, string Rule, string? Instance, string? Until);
