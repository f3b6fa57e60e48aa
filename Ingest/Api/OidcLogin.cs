using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>
/// Login by a provider: code flow with PKCE. What comes of it is a session of our own, as any other login; the provider's tokens are not kept. Where the provider does not answer, this way is closed and
/// says so, and the others stay open.
/// </summary>
internal static partial class OidcLogin
{
    public const string Start = "/login/oidc";

    private const string Scheme = "oidc", Nobody = "none";

    public static void Add(IServiceCollection services, OidcOptions options)
    {
        // Our guard knows callers; the framework's part is the conversation with the provider alone. Of two schemes it takes none for the one of every request.
        services.AddAuthentication().AddCookie(Nobody).AddOpenIdConnect(Scheme, oidc =>
        {
            oidc.Authority = options.Authority.ToString();
            oidc.RequireHttpsMetadata = options.Authority.Scheme == "https";
            oidc.ClientId = options.ClientId;
            oidc.ClientSecret = options.ClientSecretFile is { } file ? OidcOptions.Secret(file) : null;
            oidc.ResponseType = OpenIdConnectResponseType.Code;
            // The answer is a navigation by GET: its cookies need not go with other sites' forms.
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
            {
                cookie.SameSite = SameSiteMode.Lax;
                cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            }
            oidc.UsePkce = true;
            oidc.CallbackPath = "/login/oidc/answer";
            // Nobody is signed in by the framework: ReceivedAsync begins our own session.
            oidc.SignInScheme = Nobody;
            oidc.MapInboundClaims = false;
            oidc.GetClaimsFromUserInfoEndpoint = true;
            oidc.ClaimActions.Clear();
            foreach (var claim in new[] { options.NameClaim, options.RoleClaim, options.DistrictsClaim, options.FamiliesClaim }.OfType<string>().Distinct())
                oidc.ClaimActions.MapJsonKey(claim, claim);
            oidc.Scope.Clear();
            foreach (var scope in options.Scopes.Prepend("openid").Distinct())
                oidc.Scope.Add(scope);
            oidc.BackchannelTimeout = TimeSpan.FromSeconds(10);
            oidc.Events.OnTicketReceived = context => ReceivedAsync(context, options);
            oidc.Events.OnRemoteFailure = FailedAsync;
        });
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Start, StartAsync).IsOpen().Keeps(ScopeRule.OfNoDevice).ExcludeFromDescription();

    private static async Task StartAsync(HttpContext context, SecurityOptions options)
    {
        if (options.Oidc is null)
            throw ApiException.NotFound("no_provider", "no provider is configured: Security:Oidc:Authority");
        try
        {
            // No address to come back to is taken from outside: there is none to lead astray.
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = "/" });
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException)
        {
            LogAway(Logger(context), options.Oidc.Authority, error.Message);
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "The login service does not answer", "Log in with a password or token of this service's own, or try again.", "登录服务没有响应。请使用本系统的密码或令牌登录，或稍后重试。");
        }
    }

    private static async Task ReceivedAsync(TicketReceivedContext context, OidcOptions options)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        var security = http.RequestServices.GetRequiredService<SecurityParts>();
        var (user, missing) = OidcPerson.Of(context.Principal!, options, security.Users!.HasName);
        if (user is null)
        {
            LogNotLetIn(Logger(http), LogText.Safe(missing));
            await SayAsync(http, StatusCodes.Status403Forbidden, "You are known, and may not come in", missing!, "身份已确认，但没有访问权限，请联系管理员。");
            return;
        }
        await SessionRoutes.BeginAsync(user, http, security, isForeign: true);
        // A page of our own leads on: a browser that comes from another site would not send the strict cookie with a redirect.
        http.Response.Headers.CacheControl = "no-store";
        await SayAsync(http, StatusCodes.Status200OK, "Logged in", "", "已登录", "<meta http-equiv=\"refresh\" content=\"0; url=/\">");
    }

    private static Task FailedAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        LogFailed(Logger(context.HttpContext), LogText.Safe(context.Failure?.Message));
        return SayAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "The login did not succeed", "It was cancelled, took too long, or was not begun in this browser.", "登录未完成：已取消、超时，或不是在此浏览器中发起。");
    }

    private static async Task SayAsync(HttpContext context, int status, string title, string en, string zh, string head = "")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        await context.Response.WriteAsync(
            $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">{head}<title>Telemetry</title></head><body><h1>{WebUtility.HtmlEncode(title)}</h1><p>{WebUtility.HtmlEncode(en)}</p><p lang=\"zh\">{WebUtility.HtmlEncode(zh)}</p><p><a href=\"/\">Telemetry</a></p></body></html>",
            context.RequestAborted);
    }

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry.Security");

    [LoggerMessage(LogLevel.Warning, "the provider of logins at {Authority} does not answer; accounts and tokens of this service's own still log in: {Why}")]
    private static partial void LogAway(ILogger logger, Uri authority, string why);

    [LoggerMessage(LogLevel.Warning, "somebody whom the provider knows was not let in: {Why}")]
    private static partial void LogNotLetIn(ILogger logger, string why);

    [LoggerMessage(LogLevel.Warning, "a login by the provider failed: {Why}")]
    private static partial void LogFailed(ILogger logger, string why);
}
