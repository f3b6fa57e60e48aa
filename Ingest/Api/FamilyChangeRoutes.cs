using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <param name="Version">The rule version in alarms and journal; the ETag of the text.</param>
/// <param name="Time">Log time of its entry; null, like the position, while the database can't be written.</param>
/// <param name="Position">Of its entry in the log.</param>
/// <param name="By">Who put it in force; null for a file that the service found at its start.</param>
/// <param name="ApprovedBy">The second person, where one was needed.</param>
public sealed record FamilyVersionAnswer(string Family, string Version, string? Time, long? Position, string? By, string? ApprovedBy, bool InForce);

/// <param name="Base">The version that it would replace; null for a new family.</param>
/// <param name="Reaches">Rules that nobody may shelve and that the change reaches.</param>
/// <param name="Text">The whole file; left out of lists.</param>
public sealed record FamilyProposalAnswer(string Proposal, string Family, string Version, string? Base, string Time, string By, IReadOnlyList<string> Reaches, string? Text);

/// <summary>Family files as text, their versions, and changes of them.</summary>
public static class FamilyChangeRoutes
{
    /// <param name="By">Who approves. With users it is the user: left out, or the same name. Without: needed, here or in the address.</param>
    public sealed record ApproveBody(string? By);

    /// <summary>Bytes; the largest shipped file has a thirtieth of it.</summary>
    private const long MaxFile = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var by = new QueryParameter("by", "Who does it. With users it is the user: left out, or the same name. Without: default operator.");
        routes.MapGet("/families/{name}/text", Text)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes(new QueryParameter("version", "One that has been in force before; default the one in force.")).WithSummary("A family file as it is in force, with its version as ETag.")
            .Produces<string>(contentType: "text/yaml");
        routes.MapGet("/families/{name}/versions", Versions)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Every version that has been in force, newest first, with who put it there.")
            .Produces<FamilyVersionAnswer[]>();
        routes.MapPut("/families/{name}", PutAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.Within).Takes(by).WithMetadata(new AcceptsFile(MaxFile, "text/yaml", "application/yaml"))
            .WithSummary("Replaces a family file, or adds one. 200: in force. 202: it reaches a rule that nobody may shelve, and waits for a second person.")
            .Accepts<string>("text/yaml", "application/yaml", "application/json").Produces<FamilyVersionAnswer>().Produces<FamilyProposalAnswer>(StatusCodes.Status202Accepted);
        routes.MapGet("/families/proposals", (FamilyChanges changes) => changes.Proposals.Select(proposal => Answer(proposal, false)))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Changes that wait for a second person, oldest first.")
            .Produces<FamilyProposalAnswer[]>();
        routes.MapGet("/families/proposals/{id}", async (string id, FamilyChanges changes) => Answer(await changes.FindAsync(id), true))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("One of them, with the whole file.");
        routes.MapPost("/families/proposals/{id}/approve", ApproveAsync)
            .Needs(Role.Administrator).Keeps(ScopeRule.Within).Takes(new QueryParameter("by", "Who approves, where the body does not say. With users it is the user: left out, or the same name. Without: needed."))
            .WithSummary("Puts it in force; by somebody else than its author.").Accepts<ApproveBody>("application/json").Produces<FamilyVersionAnswer>();
    }

    private static IResult Text(string name, HttpContext context, FamilyCatalog families, FamilyChanges changes)
    {
        var inForce = families.Find(name);
        var wanted = Query.Text(context, "version");
        var (text, version) = wanted is null || wanted == inForce?.Hash
            ? (inForce?.Text, inForce?.Hash)
            : changes.Versions(name).FirstOrDefault(old => old.Hash == wanted) is { } known ? (known.Text, known.Hash) : (null, null);
        if (text is null)
            throw wanted is null || inForce is null ? Unknown(name, families) : ApiException.NotFound("unknown_version", $"{name} has never been in force as '{wanted}'; /api/v1/families/{name}/versions lists them");
        context.Response.Headers.ETag = $"\"{version}\"";
        return Results.Text(text, "text/yaml; charset=utf-8");
    }

    private static IEnumerable<FamilyVersionAnswer> Versions(string name, FamilyCatalog families, FamilyChanges changes)
    {
        if (families.Find(name) is not { } inForce)
            throw Unknown(name, families);
        // The newest entry of this text is the one that is in force.
        var position = changes.Versions(name).FirstOrDefault(version => version.Hash == inForce.Hash)?.Position;
        return changes.Versions(name).Select(version => Answer(version, version.Position == position));
    }

    private static async Task<IResult> PutAsync(string name, HttpContext context, FamilyCatalog families, FamilyChanges changes)
    {
        var text = await ReadAsync(context, name);
        var proposal = await changes.PutAsync(name, text, Operator.Of(context, Query.Text(context, "by")), Caller.Of(context).Scope, Seen(context), context.RequestAborted);
        if (proposal is not null)
            return Results.Json(Answer(proposal, false), ApiJson.Options, statusCode: StatusCodes.Status202Accepted);
        return InForce(context, name, families, changes);
    }

    private static async Task<IResult> ApproveAsync(string id, HttpContext context, FamilyCatalog families, FamilyChanges changes)
    {
        var proposal = await changes.ApproveAsync(id, Operator.Named(context, await SaidAsync(context)), Caller.Of(context).Scope, context.RequestAborted);
        return InForce(context, proposal.Family, families, changes);
    }

    /// <summary>Whose approval it is, by the body or the address: a name that is passed over would let the author approve under another one.</summary>
    private static async Task<string?> SaidAsync(HttpContext context)
    {
        var inAddress = Query.Text(context, "by");
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return inAddress;
        var inBody = (await ApiJson.ReadAsync<ApproveBody>(context)).By;
        if (inBody is not null && inAddress is not null && inBody != inAddress)
            throw ApiException.BadRequest("bad_operator", $"by: '{inBody}' in the body and '{inAddress}' in the address; say one");
        return inBody ?? inAddress;
    }

    private static IResult InForce(HttpContext context, string name, FamilyCatalog families, FamilyChanges changes)
    {
        var inForce = families.Find(name)!.Hash;
        context.Response.Headers.ETag = $"\"{inForce}\"";
        var version = changes.Versions(name).FirstOrDefault(version => version.Hash == inForce);
        return Results.Json(version is null ? new FamilyVersionAnswer(name, inForce, null, null, null, null, true) : Answer(version, true), ApiJson.Options);
    }

    private static async Task<string> ReadAsync(HttpContext context, string name)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            return StrictUtf8.GetString(body.GetBuffer(), 0, (int)body.Length).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            var error = new FamilyError(name + ".yaml", 1, 1, "", "not UTF-8; save it as UTF-8");
            throw ApiException.BadRequest("invalid_rules", error.ToString()).With("errors", new[] { new { error.File, error.Line, error.Column, error.Key, error.Message } });
        }
    }

    /// <summary>The versions of If-Match; null without the header.</summary>
    private static IReadOnlyList<string>? Seen(HttpContext context) =>
        context.Request.Headers.IfMatch.Count == 0 ? null : [.. context.Request.Headers.IfMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Select(tag => tag.Trim('"'))];

    private static FamilyVersionAnswer Answer(FamilyEntry version, bool inForce) =>
        new(version.Family, version.Hash, Iso.Time(version.Time), version.Position, version.By, version.ApprovedBy, inForce);

    private static FamilyProposalAnswer Answer(FamilyProposal proposal, bool withText) => new(
        proposal.Id, proposal.Family, proposal.Version, proposal.Base, Iso.Time(proposal.Time), proposal.By, proposal.Reaches, withText ? proposal.Text : null);

    private static ApiException Unknown(string name, FamilyCatalog families) =>
        ApiException.NotFound("unknown_family", $"there is no family '{name}'; known: {string.Join(", ", families.All.Select(family => family.Name))}");
}
