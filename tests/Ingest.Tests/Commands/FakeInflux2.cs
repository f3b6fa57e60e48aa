using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>
/// The answers of a 2.7 server to what <c>store init</c> asks, after InfluxData's description of /api/v2 (buckets, dbrps, orgs) and /ping. A
/// stand-in: no 2.x server can be had here, so what it does not say of itself is not shown.
/// </summary>
internal sealed class FakeInflux2 : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeInflux2()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            context.Response.Headers["X-Influxdb-Version"] = "v2.7.12";
            context.Response.Headers["X-Influxdb-Build"] = "OSS";
            var right = context.Request.Headers.Authorization == "Token admin";
            if (context.Request.Path == "/ping")
                context.Response.StatusCode = 204;
            else if (!right)
                await AnswerAsync(context, 401, """{"code":"unauthorized","message":"unauthorized access"}""");
            else
                await next(context);
        });
        _app.MapGet("/api/v2/orgs", context => AnswerAsync(context, 200, context.Request.Query["org"] == "city"
            ? """{"links":{"self":"/api/v2/orgs"},"orgs":[{"id":"0a","name":"city"}]}"""
            : """{"links":{"self":"/api/v2/orgs"},"orgs":[]}"""));
        _app.MapGet("/api/v2/buckets", context =>
        {
            var name = context.Request.Query["name"].ToString();
            return Buckets.SingleOrDefault(bucket => bucket["name"]!.GetValue<string>() == name) is { } bucket
                ? AnswerAsync(context, 200, new JsonObject { ["buckets"] = new JsonArray(bucket.DeepClone()) }.ToJsonString())
                : AnswerAsync(context, 404, $$"""{"code":"not found","message":"bucket \"{{name}}\" not found"}""");
        });
        _app.MapPost("/api/v2/buckets", context => MakeAsync(context, Buckets));
        _app.MapPatch("/api/v2/buckets/{id}", context => ChangeAsync(context, Buckets));
        _app.MapGet("/api/v2/dbrps", context => AnswerAsync(context, 200, new JsonObject
        {
            ["content"] = new JsonArray([.. Mappings.Where(mapping => mapping["database"]!.GetValue<string>() == context.Request.Query["db"]).Select(mapping => mapping.DeepClone())]),
        }.ToJsonString()));
        _app.MapPost("/api/v2/dbrps", context => MakeAsync(context, Mappings));
        _app.MapPatch("/api/v2/dbrps/{id}", context => ChangeAsync(context, Mappings));
    }

    public string Url => _app.Urls.Single();

    public List<JsonNode> Buckets { get; } = [];

    public List<JsonNode> Mappings { get; } = [];

    /// <summary>Requests that changed something.</summary>
    public int Changes { get; private set; }

    public static async Task<FakeInflux2> StartAsync()
    {
        var server = new FakeInflux2();
        await server._app.StartAsync();
        return server;
    }

    public void Add(string bucket, long keepSeconds) =>
        Buckets.Add(JsonNode.Parse($$"""{"id":"b{{Buckets.Count}}","orgID":"0a","type":"user","name":"{{bucket}}","retentionRules":[{"type":"expire","everySeconds":{{keepSeconds}},"shardGroupDurationSeconds":86400}]}""")!);

    public void Map(string policy, string bucketId, bool isDefault = false, bool isVirtual = false) =>
        Mappings.Add(JsonNode.Parse($$"""{"id":"m{{Mappings.Count}}","database":"city","retention_policy":"{{policy}}","default":{{(isDefault ? "true" : "false")}},"orgID":"0a","bucketID":"{{bucketId}}","virtual":{{(isVirtual ? "true" : "false")}}}""")!);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task MakeAsync(HttpContext context, List<JsonNode> list)
    {
        Changes++;
        var made = (await JsonNode.ParseAsync(context.Request.Body))!;
        made["id"] = $"made{Changes}";
        list.Add(made);
        await AnswerAsync(context, 201, made.ToJsonString());
    }

    private async Task ChangeAsync(HttpContext context, List<JsonNode> list)
    {
        Changes++;
        var known = list.Single(each => each["id"]!.GetValue<string>() == context.Request.RouteValues["id"]!.ToString());
        foreach (var (key, value) in (await JsonNode.ParseAsync(context.Request.Body))!.AsObject())
            known[key] = value?.DeepClone();
        await AnswerAsync(context, 200, known.ToJsonString());
    }

    private static Task AnswerAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(json);
    }
}
