using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>A query parameter that a route knows; the OpenAPI document and the check against typos read the same list.</summary>
/// <param name="Description">What it does, its form and its default.</param>
public sealed record QueryParameter(string Name, string Description, bool Required = false);

/// <summary>The query parameters of a route, as endpoint metadata.</summary>
public sealed record QueryParameters(IReadOnlyList<QueryParameter> Known)
{
    /// <summary>A parameter that is not known is refused: a typo must not silently widen a filter.</summary>
    public static ApiException? Check(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>() is not { } parameters)
            return null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (parameters.Known.All(known => known.Name != name))
            {
                var names = string.Join(", ", parameters.Known.Select(known => known.Name));
                return ApiException.BadRequest("unknown_parameter", $"'{name}' is not a parameter here; {(names.Length == 0 ? "there are none" : $"known: {names}")}");
            }
            if (values.Count > 1)
                return ApiException.BadRequest("repeated_parameter", $"'{name}' stands {values.Count} times; give it once");
        }
        var missing = parameters.Known.FirstOrDefault(known => known.Required && string.IsNullOrEmpty(context.Request.Query[known.Name]));
        return missing is null ? null : ApiException.BadRequest("missing_parameter", $"'{missing.Name}' is required: {missing.Description}");
    }
}

/// <summary>Query parameters as values; what cannot be read is 400 and says what would be right.</summary>
public static class Query
{
    /// <summary>Null where it is absent or empty.</summary>
    public static string? Text(HttpContext context, string name) =>
        context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    public static string? OneOf(HttpContext context, string name, params ReadOnlySpan<string> allowed)
    {
        if (Text(context, name) is not { } text)
            return null;
        if (allowed.Contains(text))
            return text;
        throw ApiException.BadRequest("bad_parameter", $"{name}={text}: must be one of {string.Join(", ", allowed!)}");
    }

    /// <summary>Unix ms from RFC 3339 with a zone, or from Unix ms.</summary>
    public static long? Time(HttpContext context, string name)
    {
        if (Text(context, name) is not { } text)
            return null;
        if (ParseTime(text) is { } time)
            return time;
        // An unescaped + of a zone arrives as a space, and is the one mistake that everyone makes once.
        throw ApiException.BadRequest("bad_parameter", $"{name}={text}: must be RFC 3339 with a zone (2026-07-01T08:00:00Z; write + as %2B) or Unix ms");
    }

    /// <summary>A time as a member of a body: a text or a number.</summary>
    public static long? ParseTime(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => ParseTime(text.GetString()!),
        { ValueKind: JsonValueKind.Number } number => ParseTime(number.GetRawText()),
        _ => null,
    };

    public static long? ParseTime(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? number : null;
        ReadOnlySpan<string> forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        var zoned = text.Length > 19 && (text[^1] is 'Z' || text.LastIndexOfAny(['+', '-']) >= 19);
        return zoned && DateTimeOffset.TryParseExact(text, [.. forms], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToUnixTimeMilliseconds()
            : null;
    }

    /// <summary>A time as it is kept: Unix ms become RFC 3339, all else stays as it was said.</summary>
    public static string TimeText(string text) => text.All(char.IsAsciiDigit) && ParseTime(text) is { } time ? Iso.Time(time) : text;

    public static long? Number(HttpContext context, string name, long min, long max)
    {
        if (Text(context, name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        throw ApiException.BadRequest("bad_parameter", $"{name}={text}: must be a whole number from {min} to {max}");
    }

    public static int? Limit(HttpContext context) => (int?)Number(context, "limit", 1, 100_000);

    public static bool Flag(HttpContext context, string name) => OneOf(context, name, "true", "false") == "true";

    public static TBuilder Takes<TBuilder>(this TBuilder builder, params IReadOnlyList<QueryParameter> known)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new QueryParameters(known));
        return builder;
    }
}
