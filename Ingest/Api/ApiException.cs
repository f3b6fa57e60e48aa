using System.Text.Json;

namespace Telemetry.Ingest.Api;

/// <summary>A request that cannot be answered: an RFC 9457 problem with a <c>reason</c> that programs can rely on.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="reason">Stable name, snake_case.</param>
/// <param name="detail">For people: what, where, and what would be right.</param>
public sealed class ApiException(int status, string reason, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Reason { get; } = reason;

    /// <summary>Further members of the problem: <c>position</c>, <c>rows</c>, <c>channels</c>.</summary>
    public Dictionary<string, object> More { get; } = [];

    public static ApiException BadRequest(string reason, string detail) => new(StatusCodes.Status400BadRequest, reason, detail);

    public static ApiException NotFound(string reason, string detail) => new(StatusCodes.Status404NotFound, reason, detail);

    public static ApiException Conflict(string reason, string detail) => new(StatusCodes.Status409Conflict, reason, detail);

    public ApiException With(string name, object value)
    {
        More[name] = value;
        return this;
    }

    public async Task WriteAsync(HttpContext context)
    {
        var problem = new Dictionary<string, object>
        {
            ["type"] = "about:blank",
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(Status),
            ["status"] = Status,
            ["reason"] = Reason,
            ["detail"] = Message,
        };
        foreach (var (name, value) in More)
            problem[name] = value;
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await JsonSerializer.SerializeAsync(context.Response.Body, problem, ApiJson.Options, context.RequestAborted);
    }
}
