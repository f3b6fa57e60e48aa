using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A gateway's password, three people's tokens, a certificate and its authority: each made by a process of its own, and once for all tests that begin with them.</summary>
public sealed class CityCredentials : IAsyncLifetime
{
    private readonly TempDirectory _files = new();
    private readonly Dictionary<string, string> _tokens = [];

    /// <summary>Of gw-1.</summary>
    internal string Password { get; private set; } = "";

    /// <summary>By role.</summary>
    internal IReadOnlyDictionary<string, string> Tokens => _tokens;

    public async ValueTask InitializeAsync()
    {
        Password = await MakeAsync("gateways", ["gateway", "gw-1"]);
        foreach (var role in (string[])["viewer", "operator", "engineer"])
            _tokens[role] = await MakeAsync("users", ["token", role, "--role", role]);
        await OpenSslAsync("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", FileOf("ca.key"), "-out", FileOf("ca.pem"), "-days", "2", "-subj", "/CN=Test authority");
        await OpenSslAsync("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", FileOf("key.pem"), "-out", FileOf("request.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost");
        await OpenSslAsync("x509", "-req", "-in", FileOf("request.pem"), "-CA", FileOf("ca.pem"), "-CAkey", FileOf("ca.key"), "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out", FileOf("certificate.pem"));
    }

    public ValueTask DisposeAsync()
    {
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>For a test that may change them: gateways, users, ca.pem, ca.key, certificate.pem, key.pem.</summary>
    internal void CopyTo(TempDirectory folder)
    {
        foreach (var file in Directory.GetFiles(_files.Path))
            File.Copy(file, folder.File(Path.GetFileName(file)));
    }

    private string FileOf(string name) => _files.File(name);

    /// <summary>By the command, as an administrator does; returns the secret.</summary>
    private async Task<string> MakeAsync(string file, string[] arguments)
    {
        var (exitCode, output, error) = await ServiceProcess.RunAsync(["credential", .. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        var made = JsonDocument.Parse(output).RootElement;
        if (!File.Exists(FileOf(file)))
            await File.WriteAllTextAsync(FileOf(file), $"{file}:\n");
        await File.AppendAllTextAsync(FileOf(file), $"  {made.GetProperty("line").GetString()}\n");
        return made.GetProperty("secret").GetString()!;
    }

    private static async Task OpenSslAsync(params string[] arguments)
    {
        using var process = Clients.Start("openssl", arguments);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}
