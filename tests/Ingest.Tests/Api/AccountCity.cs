using System.Text.Json;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>A service with accounts, whose first administrator has set a password, and one person of the users' file, filed. Passwords take time: one service for all tests.</summary>
public sealed class AccountCity : IAsyncLifetime
{
    public const string AdminPassword = "dry blue fish 5 clouds";

    private readonly Credentials _credentials = new() { KeepAccounts = true };

    internal ApiHost Host { get; private set; } = null!;

    /// <summary>The one-time password as it was printed.</summary>
    internal string First { get; private set; } = "";

    /// <summary>A cookie of the administrator.</summary>
    internal string Admin { get; private set; } = "";

    internal string AccountsPath => _credentials.AccountsPath;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteUsers(Credentials.Line("filed", "viewer", Credentials.Token));
        _credentials.WriteGateways("gw-1");
        Host = await ApiHost.StartAsync(security: _credentials.Options());
        First = (await Host.Accounts.FirstAdministratorAsync(CancellationToken.None))!;
        var once = await CookieAsync(HttpMethod.Post, "/api/v1/session", new { name = "admin", password = First }, null);
        Admin = await CookieAsync(HttpMethod.Put, "/api/v1/account/password", new { current = First, next = AdminPassword }, once);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _credentials.Dispose();
    }

    private async Task<string> CookieAsync(HttpMethod method, string path, object body, string? cookie)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(JsonSerializer.Serialize(body), null, "application/json") };
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }
}
