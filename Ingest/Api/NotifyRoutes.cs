using System.Text.Json;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Who is on call, and who would be told. No answer holds a phone number or an address.</summary>
public static class NotifyRoutes
{
    /// <summary>Of one answer, ms.</summary>
    private const long Longest = 62 * 86_400_000L;

    /// <param name="Device">An id of the register: gives district, street, address, and what the calendar has in force there. May be left out.</param>
    /// <param name="Family">Left out, the device's.</param>
    /// <param name="Severity">Left out, that of the rule's highest step.</param>
    /// <param name="Calendar">work_order, rain_forecast, holiday; left out, what is in force.</param>
    /// <param name="Mode">live, drill or test; left out, live.</param>
    /// <param name="At">RFC 3339 or Unix ms; left out, now.</param>
    public sealed record DryRunBody(string? Device, string? Family, string? Rule, string? Severity, string? District, string? Street, IReadOnlyList<string>? Calendar, string? Mode, JsonElement? At);

    /// <param name="Asked">on_call, next, leader, a person, drill, digest or copy.</param>
    public sealed record DryRunStepAnswer(string At, string Asked, string To, string Name, IReadOnlyList<string> Channels, string Subject, string Body, string Sms, string Voice);

    /// <param name="Gaps">Where the rota has nobody at the moment of a step.</param>
    public sealed record DryRunReply(string At, int? Route, string? Team, string? Position, IReadOnlyList<DryRunStepAnswer> Steps, IReadOnlyList<string> Gaps);

    /// <param name="Person">Null for a gap.</param>
    public sealed record DutyAnswer(string From, string To, string? Person, string? Name, string Why);

    public sealed record TeamAnswer(string Team, LabelAnswer Title, string? Leader, IReadOnlyList<DutyAnswer> Duties);

    public sealed record LabelAnswer(string En, string Zh);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/notify/rota", Rota)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice)
            .Takes(
                new QueryParameter("team", "One team alone."),
                new QueryParameter("from", "Begin, RFC 3339 or Unix ms; default now."),
                new QueryParameter("to", "End, exclusive, at most 62 d later; default 7 d after from."))
            .WithSummary("Who is on call, a list of duties and gaps a team that tiles the span.").Produces<TeamAnswer[]>();
        routes.MapPost("/notify/dry-run", DryRunAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("Who would be told of an alarm, step by step until someone accepts, by which channels and in which words. Sends nothing, changes nothing.")
            .Accepts<DryRunBody>("application/json").Produces<DryRunReply>();
    }

    private static IEnumerable<TeamAnswer> Rota(HttpContext context, DryRuns runs, TimeProvider time)
    {
        var file = runs.File;
        var from = Query.Time(context, "from") ?? time.GetUtcNow().ToUnixTimeMilliseconds();
        var to = Query.Time(context, "to") ?? from + LocalTime.Week;
        if (!LocalTime.IsUsual(from) || to <= from || to - from > Longest)
            throw ApiException.BadRequest("bad_parameter", "from and to: of 2000 to 2099, to after from by 62 d at most");
        var wanted = Query.OneOf(context, "team", [.. file.Teams.Select(team => team.Name)]);
        return file.Teams.Where(team => wanted is null || team.Name == wanted).Select(team => new TeamAnswer(
            team.Name, new LabelAnswer(team.Title.En, team.Title.Zh), team.Leader,
            [.. team.Between(from, to).Select(duty => new DutyAnswer(Iso.Time(duty.From), Iso.Time(duty.To), duty.Person, duty.Person is { } person ? file.People[person].Name : null, duty.Why))]));
    }

    private static async Task<DryRunReply> DryRunAsync(HttpContext context, DryRuns runs, TimeProvider time)
    {
        var body = await ApiJson.ReadAsync<DryRunBody>(context);
        var at = body.At is null ? time.GetUtcNow().ToUnixTimeMilliseconds() : Query.ParseTime(body.At) ?? -1;
        var answer = runs.Of(new DryRunAsked(body.Device, body.Family, body.Rule, body.Severity, body.District, body.Street, body.Calendar, body.Mode), at, Caller.Of(context).Scope);
        return new DryRunReply(
            Iso.Time(at), answer.Route, answer.Team, answer.Position,
            [.. answer.Steps.Select(step => new DryRunStepAnswer(Iso.Time(step.At), step.Asked, step.Recipient, step.Name, [.. step.Channels.Select(channel => channel.ToString().ToLowerInvariant())], step.Subject, step.Body, step.Sms, step.Voice))],
            answer.Gaps);
    }
}
