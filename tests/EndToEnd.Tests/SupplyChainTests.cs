using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What the service is made of: known, licensed, and refused once it is known to be broken.</summary>
public sealed class SupplyChainTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The database of advisories is a feed of the test's own, which knows one of our packages to be vulnerable.</summary>
    [Theory]
    [InlineData(3, "NU1904")]
    [InlineData(0, "NU1901")]
    [InlineData(null, null)]
    public async Task A_package_with_a_known_vulnerability_ends_the_restore(int? severity, string? error)
    {
        await using var feed = await FeedAsync(severity is null ? "{}" : $$"""{"yamldotnet": [{"url": "https://advisories.example.org/1", "severity": {{severity}}, "versions": "(, 99.0.0)"}]}""");
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props"])
            File.Copy(Path.Combine(Repository.Root, file), _folder.File(file));
        await File.WriteAllTextAsync(_folder.File("One.csproj"), """<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="YamlDotNet" /></ItemGroup></Project>""");
        await File.WriteAllTextAsync(_folder.File("nuget.config"), $"""<configuration><auditSources><clear /><add key="test" value="{feed.Urls.Single()}/index.json" allowInsecureConnections="true" /></auditSources></configuration>""");
        using var restore = Process.Start(new ProcessStartInfo("dotnet", ["restore", _folder.Path, "-p:RestoreLockedMode=false", "-p:RestorePackagesWithLockFile=false"]) { RedirectStandardOutput = true, Environment = { ["NUGET_HTTP_CACHE_PATH"] = _folder.File("http") } })!;
        var output = await restore.StandardOutput.ReadToEndAsync();
        await restore.WaitForExitAsync();
        Assert.Equal((severity is null, error is null), (restore.ExitCode == 0, !output.Contains("error NU19", StringComparison.Ordinal)));
        Assert.Contains(error ?? "Restored", output, StringComparison.Ordinal);
    }

    /// <summary>After a change of packages: TELEMETRY_GOLDEN=write.</summary>
    [Fact]
    public async Task Every_package_that_ships_stands_with_its_licence_in_the_list()
    {
        var expected = new StringBuilder("""
            # Licences

            What ships with the service, direct and transitive, with the licence that the package itself names. Written by `SupplyChainTests` (`TELEMETRY_GOLDEN=write`).

            | package | version | licence |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var (name, version, licence) in await ShippedAsync())
            expected.Append(CultureInfo.InvariantCulture, $"| {name} | {version} | {licence} |\n");
        var file = Path.Combine(Repository.Root, "docs", "licences.md");
        if (Environment.GetEnvironmentVariable("TELEMETRY_GOLDEN") == "write")
            await File.WriteAllTextAsync(file, expected.ToString());
        Assert.Equal(expected.ToString(), await File.ReadAllTextAsync(file));
        // What may be given on with a product of one's own.
        Assert.All(await ShippedAsync(), package => Assert.Contains(package.Licence, (string[])["MIT", "Apache-2.0", "BSD-3-Clause", "PostgreSQL", "MS-PL OR Apache-2.0", "LICENSE (MIT)"]));
    }

    [Fact]
    public async Task One_command_writes_the_bill_of_materials_with_everything_that_ships()
    {
        await Tool.RunAsync("sh", "-c", $"cd '{Repository.Root}' && dotnet tool restore >&2 && dotnet tool run dotnet-CycloneDX Ingest/Ingest.csproj --disable-package-restore -o '{_folder.Path}' -F Json -fn sbom.json >&2");
        var bom = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("sbom.json"))).RootElement;
        Assert.Equal("CycloneDX", bom.GetProperty("bomFormat").GetString());
        var components = bom.GetProperty("components").EnumerateArray().Select(component => $"{component.GetProperty("name")} {component.GetProperty("version")}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Subset(components, (await ShippedAsync()).Select(package => $"{package.Name} {package.Version}").ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    private static async Task<IReadOnlyList<(string Name, string Version, string Licence)>> ShippedAsync()
    {
        using var assets = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Ingest", "obj", "project.assets.json")));
        var folder = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
        using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Ingest", "packages.lock.json")));
        return [.. locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => (package.Name, Version: package.Value.GetProperty("resolved").GetString()!))
            .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
            .Select(package => (package.Name, package.Version, LicenceOf(Path.Combine(folder, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant()))))];
    }

    private static string LicenceOf(string package)
    {
        var metadata = XDocument.Load(Directory.GetFiles(package, "*.nuspec").Single()).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        var licence = metadata.Elements().Single(element => element.Name.LocalName == "license");
        if (licence.Attribute("type")?.Value == "expression")
            return licence.Value;
        var text = File.ReadAllText(Path.Combine(package, licence.Value));
        return $"{licence.Value} ({(text.Contains("Permission is hereby granted, free of charge", StringComparison.Ordinal) ? "MIT" : "unknown")})";
    }

    private static async Task<WebApplication> FeedAsync(string vulnerabilities)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/index.json", (HttpRequest request) => Json($$"""{"version": "3.0.0", "resources": [{"@id": "http://{{request.Host}}/vulnerabilities.json", "@type": "VulnerabilityInfo/6.7.0"}]}"""));
        app.MapGet("/vulnerabilities.json", (HttpRequest request) => Json($$"""[{"@name": "base", "@id": "http://{{request.Host}}/base.json", "@updated": "2026-11-01T00:00:00Z"}]"""));
        app.MapGet("/base.json", () => Json(vulnerabilities));
        await app.StartAsync();
        return app;
    }

    private static IResult Json(string text) => Results.Text(text, "application/json");
}
