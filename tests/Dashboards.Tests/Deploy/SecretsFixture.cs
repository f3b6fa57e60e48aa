using System.Globalization;

[assembly: AssemblyFixture(typeof(Telemetry.Dashboards.Tests.SecretsFixture))]

namespace Telemetry.Dashboards.Tests;

/// <summary>What docs/deploy/make-secrets makes with two gateways, once for all tests that only read it. Run as root, as CI does.</summary>
public sealed class SecretsFixture : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();

    public string Path => _folder.File("secrets");

    /// <summary>Every file, by its path beneath the folder, with the uid that it belongs to.</summary>
    public IReadOnlyDictionary<string, int> Made { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // Containers' users pass through it to what is theirs.
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        await MakeAsync(Path, "--cluster", "gw-1", "gw.2");
        var lines = (await Tool.RunAsync("find", Path, "-type", "f", "-printf", "%P %U\n")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Made = lines.Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public string PathOf(string path) => System.IO.Path.Combine(Path, path);

    public string Text(string path) => File.ReadAllText(PathOf(path)).Trim();

    /// <summary>What it prints.</summary>
    internal static Task<string> MakeAsync(string secrets, params string[] arguments) =>
        Tool.RunAsync("env", [$"SECRETS={secrets}", $"INGEST=dotnet {System.IO.Path.Combine(AppContext.BaseDirectory, "Ingest.dll")}", System.IO.Path.Combine(Repository.Root, "docs/deploy/make-secrets"), .. arguments]);
}
