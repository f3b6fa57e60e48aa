using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.OperatorPage.Map;

namespace Telemetry.Ingest.OperatorPage;

/// <summary>The page's own script, style, mark and sounds, from inside the assembly: no path, no build step, nothing from outside.</summary>
public static class ConsoleFiles
{
    private const string Prefix = "console/", Districts = Prefix + "districts.geojson";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".geojson"] = "application/geo+json",
    };

    /// <param name="policy">Content-Security-Policy.</param>
    internal static void Map(IEndpointRouteBuilder routes, string policy, DistrictShapes districts)
    {
        foreach (var name in typeof(ConsoleFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var file = new ConsoleFile(name == Districts ? districts.Bytes : Load(name), Types[Path.GetExtension(name)], policy);
            routes.MapGet($"/{name[Prefix.Length..]}", file.AnswerAsync).IsOpen().ExcludeFromDescription();
        }
    }

    private static byte[] Load(string name)
    {
        using var stream = typeof(ConsoleFiles).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class ConsoleFile(byte[] bytes, string type, string policy)
    {
        private readonly EntityTagHeaderValue _tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"");

        public IResult AnswerAsync(HttpContext context)
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers["Referrer-Policy"] = "no-referrer";
            // Kept, but asked for again each time: a new version of the service shows at the next load.
            headers.CacheControl = "no-cache";
            return Results.Bytes(bytes, type, entityTag: _tag);
        }
    }
}
