using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Telemetry.Ingest.Api;

/// <summary>One set of JSON rules for every body in and out: camelCase, nulls written, Chinese as itself, unknown members refused.</summary>
public static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonWriterOptions Writer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        return options;
    }

    /// <summary>Reads a body; a fault is 400 with where it stands.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Options, context.RequestAborted)
                ?? throw ApiException.BadRequest("malformed", "the body is null; expected a JSON object");
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest("malformed", $"the body is not what is expected here: {BodyFault.Of(e, typeof(T))}")
                .With("position", new { line = (e.LineNumber ?? 0) + 1, @byte = e.BytePositionInLine ?? 0, path = e.Path });
        }
    }
}
