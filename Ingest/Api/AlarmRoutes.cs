using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>The alarm list and one alarm with where it came from.</summary>
public static class AlarmRoutes
{
    /// <summary>The alarm object's members, for the OpenAPI document; <see cref="AlarmJson"/> writes them.</summary>
    public sealed record AlarmShape(
        string Id, string Device, string Family, string? District, string? Street, string Rule, string? Instance, string Kind, string Severity, string State, string Underlying,
        string RaisedAt, string RaisedReceivedAt, string? AcknowledgedAt, string? AcknowledgedBy,
        string? AssignedTo, string? AcceptedBy, string? AcceptedAt, string? DeclinedBy, string? OnSiteAt, string? DoneAt, string? FalseAlarm, bool ResponseOverdue, string? ClearedAt,
        long LateBy, bool Retrospective, string? AmendedAt, string? RetractedAt, string? Channel, object? Value, double? Limit, string? Unit, string? Detail,
        string? Step, string Mode, OverlayShape? Overlay, string? SuppressedBy, string? EscalatedBy, string? SoundedAt, bool Chattering, string? ProposedOnDelay,
        Title? Title, Title? Action, string? Position, string RuleVersion);

    /// <summary>What an operator has put over an alarm: shelved, suppressed or out_of_service, by whom, why, until when.</summary>
    public sealed record OverlayShape(string State, string By, string Reason, string Since, string? Until, string? Second, string? Permit, string? Watch, bool OneShot);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/alarms", ListAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("state", $"{string.Join(", ", AlarmFilter.StateNames)}; default all. `open` is everything that has not ended."),
                new QueryParameter("kind", "alarm, ticket or event."),
                new QueryParameter("severity", "critical, high, medium or low."),
                new QueryParameter("family", "Only this family."),
                new QueryParameter("district", "Only this district."),
                new QueryParameter("device", "Only this device."),
                new QueryParameter("from", "Occurrences that overlap the span: its inclusive begin, RFC 3339 or Unix ms."),
                new QueryParameter("to", "Its exclusive end."),
                new QueryParameter("retracted", "true adds alarms that late data took back; default false."),
                new QueryParameter("limit", "At most so many, 1 to 100000; the answer is then {items, next}."),
                new QueryParameter("after", "`next` of the answer before."))
            .WithSummary("Alarms, newest raisedAt first.")
            .Produces<AlarmShape[]>();
        routes.MapGet("/alarms/{id}", OneAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes().WithSummary("One alarm, with its provenance: rule version, value and limit in force, its transitions so far, and every attempt to tell somebody of it.")
            .Produces<AlarmShape>();
    }

    public static async Task WriteAsync(HttpContext context, Alarm alarm, FamilyCatalog families)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(AlarmJson.Write(alarm, families.RuleOf(alarm), context.RequestServices.GetRequiredService<OperatorPositions>().PositionOf), context.RequestAborted);
    }

    private static async Task ListAsync(HttpContext context, AlarmBook book, FamilyCatalog families, OperatorPositions positions)
    {
        var limit = Query.Limit(context);
        var filter = new AlarmFilter
        {
            State = Query.OneOf(context, "state", [.. AlarmFilter.StateNames]) ?? "all",
            Kind = Query.OneOf(context, "kind", "alarm", "ticket", "event"),
            Severity = Query.OneOf(context, "severity", "critical", "high", "medium", "low"),
            Family = Query.Text(context, "family"),
            District = Query.Text(context, "district"),
            Device = Query.Text(context, "device"),
            From = Query.Time(context, "from"),
            To = Query.Time(context, "to"),
            Retracted = Query.Flag(context, "retracted"),
            Scope = Caller.Of(context).Scope,
            After = Query.Text(context, "after"),
            // One beyond what is wanted tells whether there is a next page.
            Limit = limit + 1,
        };
        var found = Ask(book, filter);
        var items = limit is { } most ? found.Take(most).ToArray() : found;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, ApiJson.Writer);
        if (limit is not null)
        {
            json.WriteStartObject();
            json.WritePropertyName("items");
        }
        json.WriteStartArray();
        foreach (var alarm in items)
            AlarmJson.Write(json, alarm, families.RuleOf(alarm), positions.PositionOf);
        json.WriteEndArray();
        if (limit is not null)
        {
            json.WriteString("next", found.Count > items.Count ? AlarmCursor.Of(items[^1]).ToString() : null);
            json.WriteEndObject();
        }
        await json.FlushAsync(context.RequestAborted);
    }

    private static IReadOnlyList<Alarm> Ask(AlarmBook book, AlarmFilter filter)
    {
        try
        {
            return book.List(filter);
        }
        catch (FormatException e)
        {
            throw ApiException.BadRequest("bad_parameter", e.Message);
        }
    }

    private static async Task OneAsync(string id, HttpContext context, Acting acting, StateDatabase database, FamilyCatalog families, OperatorPositions positions)
    {
        var alarm = acting.Find(id, Caller.Of(context).Scope);
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, ApiJson.Writer);
        // AlarmJson alone knows the members of an alarm; this answer adds two.
        var body = AlarmJson.Write(alarm, families.RuleOf(alarm), positions.PositionOf);
        using var members = JsonDocument.Parse(body);
        json.WriteStartObject();
        foreach (var member in members.RootElement.EnumerateObject())
            member.WriteTo(json);
        json.WritePropertyName("provenance");
        WriteProvenance(json, alarm, families.RuleOf(alarm), database.JournalOf(alarm.Id));
        json.WritePropertyName("notifications");
        WriteNotifications(json, context.RequestServices.GetService<OutboxDatabase>()?.OfAlarm(alarm.Id) ?? []);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteProvenance(Utf8JsonWriter json, Alarm alarm, Rule? rule, IReadOnlyList<string> lines)
    {
        json.WriteStartObject();
        json.WriteString("ruleVersion", alarm.RuleVersion);
        json.WriteStartArray("conditions");
        foreach (var step in rule?.Steps ?? [])
        {
            if (step.Condition is { } condition)
                json.WriteStringValue(condition.Text);
        }
        json.WriteEndArray();
        json.WriteStartArray("transitions");
        foreach (var line in lines)
            json.WriteRawValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Who was to be told by which channel, and what came of each attempt.</summary>
    private static void WriteNotifications(Utf8JsonWriter json, IReadOnlyList<NotificationAttempt> attempts)
    {
        json.WriteStartArray();
        foreach (var attempt in attempts)
        {
            json.WriteStartObject();
            json.WriteString("key", attempt.Key);
            json.WriteString("to", attempt.To);
            json.WriteString("channel", attempt.Channel);
            json.WriteString("at", attempt.At is { } at ? Iso.Time(at) : null);
            json.WriteString("result", attempt.Result);
            json.WriteString("detail", attempt.Detail);
            json.WriteNumber("tries", attempt.Tries);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
