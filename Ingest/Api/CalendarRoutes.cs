using System.Text.Json;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Work orders, rain forecasts and holidays: what conditions may ask for. Each is an entry of the log, answered once the rules have processed it.</summary>
public static class CalendarRoutes
{
    private const int MaxText = 2000, MaxPlace = 200;

    private static readonly IReadOnlyDictionary<string, CalendarKind> Kinds = new Dictionary<string, CalendarKind>
    {
        ["work_order"] = CalendarKind.WorkOrder, ["rain_forecast"] = CalendarKind.RainForecast, ["holiday"] = CalendarKind.Holiday,
    };

    private static readonly IReadOnlyDictionary<string, CalendarScope> Scopes = Enum.GetValues<CalendarScope>().ToDictionary(scope => scope.ToString().ToLowerInvariant());

    /// <param name="Name">The kind of a work order, as family files ask for it: <c>entry</c>, <c>cover</c>; left out for the other kinds.</param>
    /// <param name="Place">The id, street, district or family; left out for the whole city.</param>
    /// <param name="From">RFC 3339 or Unix ms, inclusive.</param>
    /// <param name="To">Likewise, exclusive. A work order or forecast is at most 7 d long, a holiday 31 d: it ends by itself.</param>
    public sealed record CalendarBody(string? Kind, string? Name, string? Scope, string? Place, JsonElement? From, JsonElement? To, string? By, string? Reason);

    public sealed record CalendarAnswer(string Id, string Kind, string? Name, string Scope, string? Place, string From, string To, string By, string? Reason);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/calendar", List)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("kind", "work_order, rain_forecast or holiday."),
                new QueryParameter("from", "Items that overlap the span: its inclusive begin, RFC 3339 or Unix ms."),
                new QueryParameter("to", "Its exclusive end."))
            .WithSummary("The calendar: work orders, rain forecasts and holidays, ascending by id. What is over stays for a day.").Produces<CalendarAnswer[]>();
        routes.MapGet("/calendar/{id}", (string id, HttpContext context, CalendarDirectory calendar, DeviceDirectory devices) => Answer(Find(id, context, calendar, devices)))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("One item of the calendar.");
        routes.MapPut("/calendar/{id}", PutAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Enters or replaces an item of the calendar, whole. Repeating it changes nothing.")
            .Accepts<CalendarBody>("application/json").Produces<CalendarAnswer>();
        routes.MapDelete("/calendar/{id}", DeleteAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes(new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator."))
            .WithSummary("Ends an item of the calendar now; one that has not begun is gone.").Produces(StatusCodes.Status204NoContent);
    }

    private static ApiException Unknown(string id) => ApiException.NotFound("unknown_item", $"there is no item '{id}' in the calendar");

    private static CalendarItem Find(string id, HttpContext context, CalendarDirectory calendar, DeviceDirectory devices) =>
        calendar.Find(id) is { } item && Sees(Caller.Of(context).Scope, item, devices) ? item : throw Unknown(id);

    // What holds in the whole city holds for everybody's devices.
    private static bool Sees(Scope scope, CalendarItem item, DeviceDirectory devices) =>
        scope.IsCity || item.Scope == CalendarScope.City || devices.All.Any(device => Rules.Operators.Calendar.Covers(item, device) && scope.Sees(device));

    /// <summary>It may hold for nobody else's devices, now or later.</summary>
    private static void MayChange(CalendarItem item, DeviceDirectory devices, Scope scope)
    {
        var isOwn = item.Scope switch
        {
            CalendarScope.City => scope.IsCity,
            CalendarScope.District => scope.SeesAllOf(item.Place),
            CalendarScope.Family => scope.SeesFamily(item.Place!),
            _ => scope.IsCity || devices.All.All(device => !Rules.Operators.Calendar.Covers(item, device) || scope.Sees(device)),
        };
        if (!isOwn)
            throw AccessGuard.OutOfScope($"it holds for devices beyond {scope}, which is what you see");
    }

    private static IEnumerable<CalendarAnswer> List(HttpContext context, CalendarDirectory calendar, DeviceDirectory devices)
    {
        var kind = Query.OneOf(context, "kind", [.. Kinds.Keys]);
        var (from, to) = (Query.Time(context, "from"), Query.Time(context, "to"));
        var scope = Caller.Of(context).Scope;
        return calendar.All
            .Where(item => Sees(scope, item, devices) && (kind is null || item.Kind == Kinds[kind]) && (from is null || item.To > from) && (to is null || item.From < to))
            .OrderBy(item => item.Id, StringComparer.Ordinal)
            .Select(Answer);
    }

    private static async Task<CalendarAnswer> PutAsync(string id, HttpContext context, CalendarDirectory calendar, DeviceDirectory devices, FamilyCatalog families, LogWriting log, TimeProvider time)
    {
        var body = await ApiJson.ReadAsync<CalendarBody>(context);
        var item = ItemOf(id, body, Operator.Of(context, body.By), families);
        var scope = Caller.Of(context).Scope;
        Check(item, devices, scope, families, time.GetUtcNow().ToUnixTimeMilliseconds());
        MayChange(item, devices, scope);
        if (calendar.Find(id) is { } before)
            MayChange(before, devices, scope);
        if (calendar.Find(id) != item)
            await log.WriteAsync([new CalendarEntry(item)], LogWriting.Patience, context.RequestAborted);
        return Answer(calendar.Find(id) ?? throw Unknown(id));
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, CalendarDirectory calendar, DeviceDirectory devices, LogWriting log, TimeProvider time)
    {
        var by = Operator.Of(context, Query.Text(context, "by"));
        var item = Find(id, context, calendar, devices);
        MayChange(item, devices, Caller.Of(context).Scope);
        if (item.To > time.GetUtcNow().ToUnixTimeMilliseconds())
            await log.WriteAsync([new CalendarEntry(item with { By = by }, cancelled: true)], LogWriting.Patience, context.RequestAborted);
        return Results.NoContent();
    }

    private static CalendarItem ItemOf(string id, CalendarBody body, string by, FamilyCatalog families)
    {
        if (!DeviceId.IsValid(id))
            throw Bad($"id \"{id}\": must be 1 to 64 of A-Z a-z 0-9 _ . : -");
        var kind = Word(Kinds, "kind", body.Kind);
        if (kind == CalendarKind.WorkOrder)
        {
            var known = families.All.SelectMany(family => family.WorkOrders).Distinct().Order(StringComparer.Ordinal).ToList();
            if (body.Name is null || !known.Contains(body.Name))
                throw Bad($"name {Shown(body.Name)}: must be one of the work orders that some rule asks for: {string.Join(", ", known)}");
        }
        else if (body.Name is not null)
            throw Bad($"name \"{body.Name}\": only a work order has one; leave it out");
        return new CalendarItem(id, kind, body.Name, Word(Scopes, "scope", body.Scope), body.Place, Time("from", body.From), Time("to", body.To), by, body.Reason);
    }

    private static void Check(CalendarItem item, DeviceDirectory devices, Scope scope, FamilyCatalog families, long now)
    {
        var days = item.Kind == CalendarKind.Holiday ? 31 : 7;
        if (item.To <= item.From || item.To - item.From > days * 86_400_000L)
            throw Bad($"to: must lie after from, by at most {days} d; longer work is a new order");
        if (item.To <= now)
            throw Bad("to: lies in the past");
        if (item.Reason?.Length > MaxText)
            throw Bad($"reason: at most {MaxText} characters");
        if (item.Scope == CalendarScope.City)
        {
            if (item.Place is not null)
                throw Bad($"place \"{item.Place}\": the scope city is all of it; leave it out");
            return;
        }
        if (item.Place is not { Length: > 0 and <= MaxPlace })
            throw Bad($"place {Shown(item.Place)}: must name the {item.Scope.ToString().ToLowerInvariant()}");
        var isKnown = item.Scope switch
        {
            CalendarScope.Device => devices.Find(item.Place) is { } device && scope.Sees(device),
            // Whose it is, is said by name.
            CalendarScope.District when !scope.SeesAllOf(item.Place) => true,
            CalendarScope.Family => families.Find(item.Place) is { IsBuiltIn: false },
            // A typing error would leave the crew unwatched.
            _ => devices.All.Any(device => scope.Sees(device) && Rules.Operators.Calendar.Covers(item, device)),
        };
        if (!isKnown)
            throw Bad($"place \"{item.Place}\": no device of the register has this {item.Scope.ToString().ToLowerInvariant()}");
    }

    private static T Word<T>(IReadOnlyDictionary<string, T> words, string key, string? text) =>
        text is not null && words.TryGetValue(text, out var value) ? value : throw Bad($"{key} {Shown(text)}: must be one of {string.Join(", ", words.Keys)}");

    private static long Time(string key, JsonElement? value) =>
        Query.ParseTime(value) is >= 0 and var time ? time : throw Bad($"{key}: must be RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms");

    private static string Shown(string? text) => text is null ? "is missing" : $"\"{text}\"";

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_item", detail);

    private static CalendarAnswer Answer(CalendarItem item) => new(
        item.Id, Kinds.First(pair => pair.Value == item.Kind).Key, item.Name, item.Scope.ToString().ToLowerInvariant(), item.Place, Iso.Time(item.From), Iso.Time(item.To), item.By, item.Reason);
}
