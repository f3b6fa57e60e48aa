using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor.Services;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.OperatorPage.Alarms;
using Telemetry.Ingest.OperatorPage.Health;
using Telemetry.Ingest.OperatorPage.Live;
using Telemetry.Ingest.OperatorPage.Map;
using Telemetry.Ingest.OperatorPage.Register;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.OperatorPage.Shell;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.OperatorPage;

/// <summary>The operator's page: components on the server, pushed to the browser over one WebSocket (docs/decisions/0018).</summary>
public static class OperatorPageParts
{
    /// <summary>The page's own scripts and styles, the framework's and the components' are all served from here.</summary>
    /// <param name="images">One more origin of images; null for none.</param>
    internal static string Policy(string? images) =>
        $"default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:{(images is null ? "" : " " + images)}; style-src 'self' 'unsafe-inline'; object-src 'none'";

    /// <summary>Bytes; the largest family file that the API takes.</summary>
    private const long LargestMessage = 1 << 20;

    public static void AddOperatorPage(this IServiceCollection services, ServiceOptions options)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A phone that was in a tunnel comes back to where it was.
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
            circuits.DisconnectedCircuitMaxRetained = 100;
        })
        // A family file comes as one message when it was changed.
        .AddHubOptions(hub => hub.MaximumReceiveMessageSize = LargestMessage);
        // What a browser holds of the page stays readable over a restart.
        services.AddDataProtection().SetApplicationName("telemetry").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(options.DataPath, "page-keys")));
        // What is told to an operator stands there at once: halfway through a fade nobody can read it.
        services.AddMudServices(parts => (parts.SnackbarConfiguration.ShowTransitionDuration, parts.SnackbarConfiguration.HideTransitionDuration) = (0, 0));
        services.AddHttpContextAccessor();
        services.AddScoped<PageUser>();
        services.AddScoped<PageSight>();
        services.AddScoped<PageSettings>();
        services.AddScoped<Desk>();
        services.AddScoped<RegisterDesk>();
        services.AddSingleton(options.Console.Districts ?? DistrictShapes.OfDemo());
        services.AddSingleton<ServiceHealth>();
        services.AddSingleton<LiveBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveBoard>());
    }

    /// <summary>The request is for a view of the page, not for data.</summary>
    public static bool IsView(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    public static void MapOperatorPage(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<ServiceOptions>().Console;
        var policy = Policy(options.TilesOrigin);
        app.UseAntiforgery();
        app.Use((context, next) =>
        {
            if (IsView(context))
            {
                context.Response.Headers.ContentSecurityPolicy = policy;
                context.Response.Headers["Referrer-Policy"] = "no-referrer";
            }
            return next(context);
        });
        ConsoleFiles.Map(app, policy, app.Services.GetRequiredService<DistrictShapes>());
        app.MapStaticAssets().IsOpen();
        app.MapRazorComponents<Document>()
            .AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null)
            .Add(endpoint =>
            {
                var isOpen = endpoint.Metadata.OfType<ComponentTypeMetadata>().Any(page => page.Type == typeof(LoginPage));
                if (endpoint.Metadata.OfType<ComponentTypeMetadata>().Any(page => page.Type == typeof(PasswordPage)))
                    endpoint.Metadata.Add(new OneTimeToo());
                endpoint.Metadata.Add(new AccessRule(isOpen ? null : Role.Viewer));
                // Views are opened over the live connection too: Routes asks there, and the views ask PageSight.
                endpoint.Metadata.Add(new ScopeMark(ScopeRule.Within));
            });
    }
}
