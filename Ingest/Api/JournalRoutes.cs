using System.Buffers;
using System.Text;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Api;

/// <summary>The alarm journal, byte for byte as it was stored.</summary>
public static class JournalRoutes
{
    private const int FlushAt = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/journal", WriteAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(new QueryParameter("from", "First position of the log, inclusive; default the first there is."))
            .WithSummary("Every transition in order, JSON lines, byte-stable.")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson");

    private static async Task WriteAsync(HttpContext context, StateDatabase database)
    {
        var from = Query.Number(context, "from", 0, long.MaxValue) ?? 0;
        context.Response.ContentType = "application/x-ndjson";
        var body = context.Response.BodyWriter;
        var scope = Caller.Of(context).Scope;
        foreach (var row in database.Journal(from).Where(row => scope.Sees(row.Alarm)))
        {
            Encoding.UTF8.GetBytes(row.Line, body);
            body.Write("\n"u8);
            if (body.UnflushedBytes >= FlushAt)
                await body.FlushAsync(context.RequestAborted);
        }
        await body.FlushAsync(context.RequestAborted);
    }
}
