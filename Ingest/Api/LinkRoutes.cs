using System.Globalization;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>
/// The page that a link in a message opens, for whoever got the message: no login. Looking changes nothing, since previews of messages look too; each step is a
/// form of its own with a token of its own.
/// </summary>
internal static class LinkRoutes
{
    private const string Pattern = "/go/{link}";

    // A reason of 2,000 characters in percent signs.
    private const int MostForm = 32 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Pattern, ShowAsync).IsOpen().Keeps(ScopeRule.OfNoDevice).ExcludeFromDescription();
        // No cookie lets anybody in here: what does is the link, and the token in the form, neither of which another site has. So CSRF has nothing to ride on.
        routes.MapPost(Pattern, StepAsync).IsOpen().Keeps(ScopeRule.OfNoDevice).TakesForm().ExcludeFromDescription();
    }

    private static async Task ShowAsync(string link, HttpContext context)
    {
        if (await FindAsync(link, context) is not var (links, view))
            return;
        var from = int.TryParse(context.Request.Query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        await AnswerAsync(context, StatusCodes.Status200OK, links.Page(view, null, from));
    }

    private static async Task StepAsync(string link, HttpContext context)
    {
        if (await FindAsync(link, context) is not var (links, view))
            return;
        var form = await FormAsync(context);
        var result = await links.TakeAsync(view, form?["alarm"], form?["step"], form?["token"], form?["reason"]);
        var words = CrewWords.For(view.Language);
        switch (result)
        {
            case null:
                await RefusedAsync(context, LoginRefusal.BadStep);
                await AnswerAsync(context, StatusCodes.Status400BadRequest, links.Page(view, words.BadToken, 0));
                return;
            case StepResult.Taken:
                // A page that is loaded anew repeats no form.
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = $"{Uri.EscapeDataString(link)}#{form!["alarm"]}";
                Harden(context);
                return;
            default:
                var status = result switch { StepResult.Already => StatusCodes.Status200OK, StepResult.Unavailable => StatusCodes.Status503ServiceUnavailable, _ => StatusCodes.Status409Conflict };
                // As it stands by now.
                await AnswerAsync(context, status, links.Page(await links.FindAsync(link) ?? view, words.Results[result.Value], 0));
                return;
        }
    }

    private static async Task<(CrewLinks Links, CrewView View)?> FindAsync(string link, HttpContext context)
    {
        if (context.RequestServices.GetService<CrewLinks>() is not { } links)
            throw ApiException.NotFound("no_links", "messages carry no links here: start the service with --Notify:File and --Notify:PublicUrl=https://ops.city.example/ (docs/notify.md)");
        try
        {
            if (await links.FindAsync(link) is { } view)
                return (links, view);
        }
        catch (IOException)
        {
            // The outbox can't be read; whoever sends has said it in the log. In the rain nobody reads JSON.
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, CrewPage.Saying(words => words.Results[StepResult.Unavailable]));
            return null;
        }
        await RefusedAsync(context, LoginRefusal.UnknownLink);
        await AnswerAsync(context, StatusCodes.Status404NotFound, CrewPage.Saying(words => words.UnknownLink));
        return null;
    }

    /// <summary>Counted and slowed down by address: nobody tries 64 bits out.</summary>
    private static async Task RefusedAsync(HttpContext context, string reason)
    {
        var failures = context.RequestServices.GetRequiredService<LoginFailures>();
        var address = context.Connection.RemoteIpAddress;
        await failures.SlowDownAsync(address, context.RequestAborted);
        failures.Refused(CrewLinks.Via, address, null, reason);
    }

    private static async Task<IFormCollection?> FormAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > MostForm)
            return null;
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, string page)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        Harden(context);
        return context.Response.WriteAsync(page, context.RequestAborted);
    }

    private static void Harden(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = CrewPage.Policy;
        // The address is the key: it goes to no map and no search engine.
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex";
        headers.CacheControl = "no-store";
    }
}
