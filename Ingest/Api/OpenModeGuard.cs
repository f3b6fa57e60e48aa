using System.Net.Http.Headers;

namespace Telemetry.Ingest.Api;

/// <summary>
/// The rules of a service without users, where every local caller is administrator: a page of another site in the operator's browser
/// (by a form, a script or a rebound name) and a caller behind a proxy must not pass for one.
/// </summary>
public static class OpenModeGuard
{
    /// <summary>The rule that this request breaks, or null.</summary>
    public static ApiException? Check(HttpRequest request, AcceptsFile? file, AcceptsForm? form = null)
    {
        if (request.Host.Host.Trim('[', ']').ToLowerInvariant() is not ("localhost" or "127.0.0.1" or "::1"))
            return Refused("host_not_loopback", $"without users the Host header must be localhost, 127.0.0.1 or [::1], not '{request.Host.Host}'; configure users for other names");
        foreach (var (name, _) in request.Headers)
        {
            if (name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
                return Refused("forwarded", $"without users no request through a proxy is answered, and this one carries {name}; configure users");
        }
        // A socket is opened by GET and then changes things.
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) && !request.HttpContext.WebSockets.IsWebSocketRequest)
            return null;
        if (form is not null)
            return CheckContentType(request, file, form);
        foreach (var origin in request.Headers.Origin)
        {
            if (!string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase))
                return Refused("foreign_origin", $"without users a page of another origin ('{origin}') may change nothing here");
        }
        return request.HttpContext.WebSockets.IsWebSocketRequest ? null : CheckContentType(request, file);
    }

    /// <summary>A change needs a content type that a form of another site can't send; null where it has it.</summary>
    public static ApiException? CheckContentType(HttpRequest request, AcceptsFile? file, AcceptsForm? form = null)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType : null;
        string[] allowed = ["application/json", .. file?.Types ?? [], .. form is null ? Array.Empty<string>() : ["application/x-www-form-urlencoded"]];
        if (allowed.Contains(type))
            return null;
        return new ApiException(
            StatusCodes.Status415UnsupportedMediaType,
            "content_type",
            $"Content-Type must be {string.Join(" or ", allowed)}, not '{request.ContentType}'");
    }

    private static ApiException Refused(string reason, string detail) => new(StatusCodes.Status403Forbidden, reason, detail);
}
