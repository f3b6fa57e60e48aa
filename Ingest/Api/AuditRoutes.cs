using System.Buffers;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Audit;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Who did what to what, and when.</summary>
public static class AuditRoutes
{
    private const long Day = 86_400_000;
    private const int FlushAt = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", WriteAsync)
            .Needs(Role.Administrator).Keeps(ScopeRule.OfTheCity)
            .Takes(
                new QueryParameter("from", "Log time, inclusive: RFC 3339 or Unix ms; default 24 h before `to`."),
                new QueryParameter("to", "Log time, exclusive; default now."),
                new QueryParameter("by", "Only what this person did, agreed to, approved, or was asked to do."),
                new QueryParameter("kind", $"Only this kind: {string.Join(", ", AuditRecord.Kinds)}."),
                new QueryParameter("format", "jsonl or csv; default jsonl."))
            .WithSummary("Who did what to what, and when, out of the log: {position, at, kind, by, subject, sentence, fields}, in its order. Reaches back three years.")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson", additionalContentTypes: ["text/csv"]);

    private static async Task WriteAsync(HttpContext context, DurableLog log, StateDatabase database, TimeProvider time)
    {
        var to = Query.Time(context, "to") ?? long.MaxValue;
        var filter = new AuditFilter(Query.Time(context, "from") ?? Math.Min(to, time.GetUtcNow().ToUnixTimeMilliseconds()) - Day, to, Query.Text(context, "by"), Query.OneOf(context, "kind", [.. AuditRecord.Kinds]));
        if (filter.From > filter.To)
            throw ApiException.BadRequest("bad_parameter", "from is after to");
        var isCsv = Query.OneOf(context, "format", "jsonl", "csv") == "csv";
        context.Response.ContentType = isCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        var body = context.Response.BodyWriter;
        if (isCsv)
            Encoding.UTF8.GetBytes(AuditCsv.Header, body);
        foreach (var record in new AuditReader(log, database).Read(filter, context.RequestAborted))
        {
            if (isCsv)
                Encoding.UTF8.GetBytes(AuditCsv.Line(record), body);
            else
                WriteLine(record, body);
            if (body.UnflushedBytes >= FlushAt)
                await body.FlushAsync(context.RequestAborted);
        }
        await body.FlushAsync(context.RequestAborted);
    }

    private static void WriteLine(AuditRecord record, IBufferWriter<byte> into)
    {
        using (var json = new Utf8JsonWriter(into, ApiJson.Writer))
        {
            json.WriteStartObject();
            json.WriteNumber("position", record.Position);
            json.WriteString("at", Iso.Time(record.At));
            json.WriteString("kind", record.Kind);
            json.WriteString("by", record.By);
            json.WriteString("subject", record.Subject);
            json.WriteString("sentence", record.Sentence);
            json.WriteStartObject("fields");
            foreach (var (name, value) in record.Fields)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        into.Write("\n"u8);
    }
}
