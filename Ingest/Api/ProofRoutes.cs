using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The weekly test of each channel of critical alarms.</summary>
public static class ProofRoutes
{
    /// <param name="Channel">One alone: voice, sms, mail or push; left out, all of critical alarms.</param>
    public sealed record SendBody(string? By, string? Channel);

    /// <param name="Code">Four digits, as the message says them.</param>
    public sealed record ConfirmBody(string? By, string? Code);

    /// <param name="AskedBy">Null for the weekly one.</param>
    /// <param name="Result">Of the last attempt to send it, as in an alarm's history; <c>waiting</c> before the first.</param>
    /// <param name="DueAt">Until then it may be answered.</param>
    public sealed record ProofAnswer(string Id, string Channel, string At, string To, string Name, string? AskedBy, string Result, string DueAt, string? ConfirmedAt, string? ConfirmedBy);

    /// <param name="State">never, waiting, confirmed or overdue.</param>
    /// <param name="Unproven">Why the alarm stands for it; null for no reason.</param>
    public sealed record ChannelAnswer(string Channel, string State, string? Unproven, ProofAnswer? Latest);

    /// <param name="NextAt">Null where Notify:File has no <c>proof:</c>.</param>
    public sealed record ProofsAnswer(string? NextAt, IReadOnlyList<ChannelAnswer> Channels, IReadOnlyList<ProofAnswer> Proofs);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/notify/proof", List)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes(new QueryParameter("limit", "At most so many tests; default 100."))
            .WithSummary("How far each channel of critical alarms is proved, when the next tests go out, and the last ones, newest first.").Produces<ProofsAnswer>();
        routes.MapPost("/notify/proof", SendAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Sends a test by each channel of critical alarms now, to whoever is on call.")
            .Accepts<SendBody>("application/json").Produces<ProofAnswer[]>();
        routes.MapPost("/notify/proof/{id}/confirm", ConfirmAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Whoever got it has said its code. Repeating it changes nothing.")
            .Accepts<ConfirmBody>("application/json").Produces<ProofAnswer>();
    }

    private static ProofsAnswer List(HttpContext context, IServiceProvider services)
    {
        var (proofs, outbox) = PartsOf(services);
        return new ProofsAnswer(
            proofs.NextDue is { } next ? Iso.Time(next) : null,
            [.. proofs.States().Select(state => new ChannelAnswer(state.Channel, state.Word, state.Unproven, state.Latest is { } latest ? Answer(latest, outbox) : null))],
            [.. outbox.Proofs().Take(Query.Limit(context) ?? 100).Select(proof => Answer(proof, outbox))]);
    }

    private static async Task<ProofAnswer[]> SendAsync(HttpContext context, IServiceProvider services)
    {
        var body = await ApiJson.ReadAsync<SendBody>(context);
        var (proofs, outbox) = PartsOf(services);
        return [.. (await proofs.SendAsync(Operator.Of(context, body.By), body.Channel, context.RequestAborted)).Select(proof => Answer(proof, outbox))];
    }

    private static async Task<ProofAnswer> ConfirmAsync(string id, HttpContext context, IServiceProvider services)
    {
        var body = await ApiJson.ReadAsync<ConfirmBody>(context);
        var (proofs, outbox) = PartsOf(services);
        return Answer(await proofs.ConfirmAsync(id, Operator.Of(context, body.By), body.Code ?? throw ApiException.BadRequest("bad_body", "code: the four digits in the message")), outbox);
    }

    private static (Proofs Proofs, OutboxDatabase Outbox) PartsOf(IServiceProvider services) => services.GetService<Proofs>() is { } proofs
        ? (proofs, services.GetRequiredService<OutboxDatabase>())
        : throw ApiException.NotFound("no_notify_file", "the service tells nobody: start it with --Notify:File=notify.yaml (docs/samples/notify.yaml)");

    private static ProofAnswer Answer(ChannelProof proof, OutboxDatabase outbox) => new(
        proof.Id, proof.Channel, Iso.Time(proof.At), proof.Person, proof.Name, proof.AskedBy, outbox.LastResult(proof.Key) ?? "waiting", Iso.Time(proof.DueAt),
        proof.ConfirmedAt is { } at ? Iso.Time(at) : null, proof.ConfirmedBy);
}
