using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.OperatorPage;

/// <summary>The page's own script, style, mark and sounds, from inside the assembly: no path, no build step, nothing from outside.</summary>
public static class ConsoleFiles
{
    private const string Prefix = "console/";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".geojson"] = "application/geo+json",
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var name in typeof(ConsoleFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
            routes.MapGet($"/{name[Prefix.Length..]}", Load(name).AnswerAsync).IsOpen().ExcludeFromDescription();
    }

    private static ConsoleFile Load(string name)
    {
        using var stream = typeof(ConsoleFiles).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new ConsoleFile(bytes, Types[Path.GetExtension(name)], new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
    }

    private sealed record ConsoleFile(byte[] Bytes, string Type, EntityTagHeaderValue Tag)
    {
        public IResult AnswerAsync(HttpContext context)
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = OperatorPageParts.Policy;
            headers["Referrer-Policy"] = "no-referrer";
            // Kept, but asked for again each time: a new version of the service shows at the next load.
            headers.CacheControl = "no-cache";
            return Results.Bytes(Bytes, Type, entityTag: Tag);
        }
    }
}
