using System.Text;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>Where providers hand on what people replied to an SMS or pressed in a call. Whoever calls has the secret of the channel's own keys.</summary>
internal static class ReplyRoutes
{
    /// <param name="Result">taken, already, ended, accepted_by_other, not_accepted, refused, confirmed, unknown, not_understood, which_place, repeated.</param>
    /// <param name="Text">For the person who replied.</param>
    public sealed record ReplyResult(string Result, string Text);

    /// <param name="Code">0: it is understood and need not be handed on again.</param>
    public sealed record RepliesAnswer(int Code, IReadOnlyList<ReplyResult> Replies);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/notify/replies/sms", (HttpContext context, ServiceOptions options) => TakeAsync(context, ChannelNames.Sms, options.Channels.SmsReplies))
            .IsOpen().Keeps(ScopeRule.OfNoDevice).TakesForm().WithSummary("What somebody replied to an SMS, as the provider hands it on: `1 4711` accepts, 2 declines, 3 is a false alarm, 4 on site, 5 done (docs/notify.md).").Produces<RepliesAnswer>();
        routes.MapPost("/notify/replies/voice", (HttpContext context, ServiceOptions options) => TakeAsync(context, ChannelNames.Voice, options.Channels.VoiceReplies))
            .IsOpen().Keeps(ScopeRule.OfNoDevice).TakesForm().WithSummary("Which key somebody pressed in a call, as the provider hands it on: 1 accepts, 2 declines (docs/notify.md).").Produces<RepliesAnswer>();
    }

    private static async Task TakeAsync(HttpContext context, string via, ReplyOptions? options)
    {
        if (options is null || context.RequestServices.GetService<ReplyDesk>() is not { } desk)
            throw ApiException.NotFound("no_replies", $"nobody reads replies here: give Notify:{char.ToUpperInvariant(via[0])}{via[1..]}:Reply:SecretFile (docs/notify.md)");
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        if (!ReplyReader.IsFromProvider(options, name => context.Request.Headers[name].ToString(), body, now))
            throw await RefusedAsync(context, via, options);
        var replies = ReplyReader.Read(options, Encoding.UTF8.GetString(body), context.Request.HasFormContentType, out var missing)
            ?? throw ApiException.BadRequest("bad_body", missing is null ? "neither JSON nor a form; send Content-Type application/json or application/x-www-form-urlencoded" : $"'{missing}' is missing; the channel's Reply keys say where phone, text and the rest stand");
        var answers = new List<ReplyResult>();
        foreach (var reply in replies)
        {
            var answer = await desk.TakeAsync(reply, via);
            if (answer.Result == CrewDesk.NameOf(StepResult.Unavailable))
                throw new ApiException(StatusCodes.Status503ServiceUnavailable, answer.Result, answer.Text);
            answers.Add(new ReplyResult(answer.Result, answer.Text));
        }
        if (options.Answer is { } wanted)
        {
            context.Response.ContentType = wanted.TrimStart().StartsWith('{') ? "application/json" : "text/plain; charset=utf-8";
            await context.Response.WriteAsync(wanted, context.RequestAborted);
            return;
        }
        await Results.Json(new RepliesAnswer(0, answers), ApiJson.Options).ExecuteAsync(context);
    }

    private static async Task<ApiException> RefusedAsync(HttpContext context, string via, ReplyOptions options)
    {
        var failures = context.RequestServices.GetRequiredService<LoginFailures>();
        var address = context.Connection.RemoteIpAddress;
        await failures.SlowDownAsync(address, context.RequestAborted);
        failures.Refused($"reply_{via}", address, null, LoginRefusal.WrongSecret);
        return new ApiException(
            StatusCodes.Status401Unauthorized, LoginRefusal.WrongSecret,
            options.Header is { } header ? $"the header {header.Split(": ")[0]} does not show the secret" : "Telemetry-Signature is missing, older than five minutes or not that of this body");
    }
}
