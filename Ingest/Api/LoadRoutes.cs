using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Api;

/// <summary>How much the operators have to bear, and which rules to look at again.</summary>
public static class LoadRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/load", Load)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("position", "Only this operator position."),
                new QueryParameter("district", "Only this district; _ for alarms without one."),
                new QueryParameter("days", "Over how many days, UTC, today included, everything counts but the last 10 min and the last day; 1 to 31, default 31."))
            .WithSummary("The operators' load against its targets: positions first, then districts.")
            .Produces<LoadAnswer[]>();
        routes.MapGet("/rationalisation", Rationalisation.Answer)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice)
            .Takes(new QueryParameter("month", "UTC, 2026-11; default the present one. 13 months are kept."), new QueryParameter("format", "json or csv; default json, or csv where the Accept header asks for text/csv."))
            .WithSummary("The monthly list: how often each rule called, was false, fleeting or chattering, and whether someone here has agreed to it.")
            .Produces<RationalisationRow[]>();
    }

    private static LoadAnswer[] Load(HttpContext context, OperatorLoad load, OperatorPositions positions)
    {
        var (position, district) = (Query.Text(context, "position"), Query.Text(context, "district"));
        if (position is not null && district is not null)
            throw ApiException.BadRequest("bad_parameter", "position and district: give one of them");
        var all = Seen(load.Figures((int)(Query.Number(context, "days", 1, LoadLedger.MostDays) ?? LoadLedger.MostDays)), positions, Caller.Of(context).Scope);
        if (position is null && district is null)
            return [.. all.Select(LoadAnswer.Of)];
        var chosen = all.Where(figures => figures.Of == (position is null ? LoadOf.District : LoadOf.Position) && figures.Name == (position ?? district)).Select(LoadAnswer.Of).ToArray();
        // A district without an alarm so far has no figures; a position that is not configured is a mistake.
        return chosen.Length > 0 || position is null ? chosen
            : throw ApiException.BadRequest("unknown_position", $"there is no position '{position}'; known: {string.Join(", ", all.Where(figures => figures.Of == LoadOf.Position).Select(figures => figures.Name))}");
    }

    /// <summary>Figures name the alarms that call most and those that are shelved.</summary>
    internal static IReadOnlyList<LoadFigures> Seen(IReadOnlyList<LoadFigures> all, OperatorPositions positions, Scope scope) => scope.IsCity ? all :
        [.. all.Where(figures => figures.Of == LoadOf.District ? scope.SeesAllOf(figures.Name) : positions.Plan.Find(figures.Name) is { } position && scope.SeesAllOf(position.Districts))];
}
