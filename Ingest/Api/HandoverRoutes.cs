using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Api;

/// <summary>One shift gives a position to the next: the document, and who has signed it.</summary>
public static class HandoverRoutes
{
    /// <param name="Position">May be left out where there is one alone.</param>
    public sealed record OpenBody(string? Position, string? By);

    /// <param name="By">The outgoing person, or whoever comes.</param>
    /// <param name="Seen">Ids of all alarms that are shelved now: whoever signs has looked at each.</param>
    /// <param name="Hash">Of the document that was read; may be left out.</param>
    public sealed record SignBody(string? By, IReadOnlyList<string>? Seen, string? Hash);

    public sealed record SignatureAnswer(string By, string At, IReadOnlyList<string> Seen);

    /// <param name="Id">Position of its entry in the log.</param>
    /// <param name="Hash">SHA-256 of the document's JSON, 64 hex digits.</param>
    /// <param name="DueAt">When the shift leader is told that it is not signed.</param>
    /// <param name="Outgoing">Null while that signature is missing.</param>
    /// <param name="Incoming">Likewise.</param>
    public sealed record HandoverState(long Id, string Position, string OpenedAt, string OpenedBy, string Hash, string DueAt, SignatureAnswer? Outgoing, SignatureAnswer? Incoming);

    /// <param name="Unseen">Shelved now, to be named in <c>seen</c> by whoever signs; empty once it is signed.</param>
    /// <param name="Document">As it was when the handover was opened.</param>
    public sealed record HandoverAnswer(HandoverState Handover, IReadOnlyList<UnseenAlarm> Unseen, JsonElement Document);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/handover", Draft)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("position", "May be left out where there is one alone."),
                new QueryParameter("format", "json or text; default json."),
                new QueryParameter("language", "zh or en, of the text; default zh."))
            .WithSummary("The document of a handover as it would be now: what stands, is latched, shelved, suppressed, out of service, who is where, notes, load, who is on call. Nothing is written.")
            .Produces<HandoverDocument>();
        routes.MapPost("/handover", OpenAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Whoever mans the position freezes the document. Both sign it within 15 min, or `system/handover_unsigned` is raised. Opened once more, the document is taken anew and signed anew.")
            .Accepts<OpenBody>("application/json").Produces<HandoverAnswer>();
        routes.MapGet("/handover/{id}", (string id, HttpContext context, HandoverBook book) => Answer(book.Find(IdOf(id), Caller.Of(context).Scope), book))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("One handover with its document.").Produces<HandoverAnswer>();
        routes.MapPost("/handover/{id}/sign", SignAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Signs it, as the one who opened it or as the one who comes; two different people. `seen` names every alarm that is shelved now, else 409 `unseen_shelved` names them. With the second signature the position is the incoming one's.")
            .Accepts<SignBody>("application/json").Produces<HandoverAnswer>();
        routes.MapGet("/handovers", (HttpContext context, HandoverBook book) => book.Latest(Query.Text(context, "position"), Query.Limit(context) ?? 100, Caller.Of(context).Scope).Select(StateOf))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes(new QueryParameter("position", "Only this position."), new QueryParameter("limit", "At most so many; default 100."))
            .WithSummary("Handovers, newest first, without their documents.").Produces<HandoverState[]>();
    }

    internal static HandoverState StateOf(Handover handover) => new(
        handover.Id, handover.Position, Iso.Time(handover.OpenedAt), handover.Outgoing, handover.Hash, Iso.Time(handover.UnsignedSince + Handover.UnsignedTooLong),
        Signed(handover.OutgoingSigned), Signed(handover.IncomingSigned));

    private static SignatureAnswer? Signed(Signature? signature) => signature is null ? null : new SignatureAnswer(signature.By, Iso.Time(signature.At), signature.Seen);

    private static IResult Draft(HttpContext context, OperatorPositions positions, HandoverBook book)
    {
        var document = book.Draft(PositionOf(Query.Text(context, "position"), positions, Caller.Of(context).Scope), Caller.Of(context).Scope);
        var isEnglish = Query.OneOf(context, "language", "zh", "en") == "en";
        return Query.OneOf(context, "format", "json", "text") == "text"
            ? Results.Text(HandoverText.Of(document, isEnglish ? Notify.Language.En : Notify.Language.Zh), "text/plain; charset=utf-8")
            : Results.Json(document, ApiJson.Options);
    }

    private static async Task<HandoverAnswer> OpenAsync(HttpContext context, OperatorPositions positions, HandoverBook book)
    {
        var body = await ApiJson.ReadAsync<OpenBody>(context);
        return Answer(await book.OpenAsync(PositionOf(body.Position, positions, Caller.Of(context).Scope), Operator.Named(context, body.By), Caller.Of(context).Scope, context.RequestAborted), book);
    }

    private static async Task<HandoverAnswer> SignAsync(string id, HttpContext context, HandoverBook book)
    {
        var body = await ApiJson.ReadAsync<SignBody>(context);
        return Answer(await book.SignAsync(IdOf(id), Operator.Named(context, body.By), body.Seen ?? [], body.Hash, Caller.Of(context).Scope, context.RequestAborted), book);
    }

    private static long IdOf(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw ApiException.NotFound("unknown_handover", $"there is no handover '{id}'; its id is a number");

    private static string PositionOf(string? said, OperatorPositions positions, Scope scope) => said ?? (positions.All(scope) is [var only]
        ? only.Name
        : throw ApiException.BadRequest("missing_position", $"position: one of {string.Join(", ", positions.All(scope).Select(position => position.Name))}"));

    private static HandoverAnswer Answer(StoredHandover stored, HandoverBook book)
    {
        using var document = JsonDocument.Parse(stored.Document!);
        return new HandoverAnswer(StateOf(stored.Handover), stored.Handover.IsSigned ? [] : book.Unseen(stored.Handover.Position, []), document.RootElement.Clone());
    }
}
