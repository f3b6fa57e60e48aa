using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Api;

/// <summary>The operator positions: who mans them, and notes for the next shift. Each change is an entry of the log, answered once the rules have processed it.</summary>
public static class PositionRoutes
{
    /// <param name="By">Who acts: the user; without users a name.</param>
    /// <param name="Person">Sign-off alone: who leaves, where somebody else says so.</param>
    public sealed record PositionBody(string? By, string? Person);

    /// <param name="Text">1 to 2,000 characters.</param>
    public sealed record NoteBody(string? By, string? Text);

    /// <param name="Districts">Null for all of them; <c>_</c> for alarms without one.</param>
    /// <param name="Person">Who mans it; null for nobody.</param>
    /// <param name="Since">Since when it is manned or not; null where nobody ever has.</param>
    /// <param name="AnsweredBy">The position that answers for its alarms now; null while nobody is anywhere.</param>
    /// <param name="AnswersFor">Positions whose alarms it answers for now, beside its own.</param>
    /// <param name="Alarms">Open alarms that belong to it, whoever answers for them.</param>
    /// <param name="Notes">Since the last handover.</param>
    /// <param name="Handover">Waits for signatures; null for none.</param>
    public sealed record PositionAnswer(
        string Position, IReadOnlyList<string>? Districts, string? Fallback, string? Person, string? Since, string? AnsweredBy, IReadOnlyList<string> AnswersFor, PositionCounts Alarms,
        IReadOnlyList<HandoverNote> Notes, HandoverRoutes.HandoverState? Handover);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/positions", (HttpContext context, OperatorPositions positions) => positions.All(Caller.Of(context).Scope).Select(Answer))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("The operator positions: who mans them since when, who answers for their alarms, how many stand.").Produces<PositionAnswer[]>();
        routes.MapGet("/positions/{name}", (string name, HttpContext context, OperatorPositions positions) => Answer(Seen(name, context, positions)))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("One of them.").Produces<PositionAnswer>();
        routes.MapPost("/positions/{name}/sign-on", async (string name, HttpContext context, OperatorPositions positions) =>
            {
                var by = await PersonAsync(context);
                return Answer(await positions.SignOnAsync(Seen(name, context, positions).Name, by, context.RequestAborted));
            })
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Takes a position that nobody mans. Who mans it already changes nothing; from somebody else one takes it by a handover.")
            .Accepts<PositionBody>("application/json").Produces<PositionAnswer>();
        routes.MapPost("/positions/{name}/sign-off", SignOffAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Leaves a position: its alarms move to its fallback. `person` signs somebody else off, who has left.")
            .Accepts<PositionBody>("application/json").Produces<PositionAnswer>();
        routes.MapPost("/positions/{name}/notes", async (string name, HttpContext context, OperatorPositions positions) =>
            {
                var body = await ApiJson.ReadAsync<NoteBody>(context);
                return Answer(await positions.NoteAsync(Seen(name, context, positions).Name, Operator.Of(context, body.By), body.Text, context.RequestAborted));
            })
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("A note for the next shift: it stands in the next handover.")
            .Accepts<NoteBody>("application/json").Produces<PositionAnswer>();
    }

    private static OperatorPosition Seen(string name, HttpContext context, OperatorPositions positions) => positions.Find(name, Caller.Of(context).Scope);

    private static async Task<string> PersonAsync(HttpContext context)
    {
        var body = await ApiJson.ReadAsync<PositionBody>(context);
        return body.Person is null ? Operator.Named(context, body.By) : throw ApiException.BadRequest("bad_body", "person: only sign-off takes one; by is who takes the position");
    }

    private static async Task<PositionAnswer> SignOffAsync(string name, HttpContext context, OperatorPositions positions)
    {
        var body = await ApiJson.ReadAsync<PositionBody>(context);
        return Answer(await positions.SignOffAsync(Seen(name, context, positions).Name, Operator.Named(context, body.By), body.Person, context.RequestAborted));
    }

    private static PositionAnswer Answer(OperatorPosition position) => new(
        position.Name, position.Districts, position.Fallback, position.State.Person, position.State.Since is { } since ? Iso.Time(since) : null, position.AnsweredBy, position.AnswersFor, position.Own,
        [.. position.State.Notes.Select(note => new HandoverNote(Iso.Time(note.At), note.By, note.Text))], position.State.Open is { } open ? HandoverRoutes.StateOf(open) : null);
}
