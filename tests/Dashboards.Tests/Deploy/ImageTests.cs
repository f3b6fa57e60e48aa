using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Telemetry.Dashboards.Tests.Compose;

namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>Ingest/Dockerfile, which no engine builds here: what its lines name is there, and its build does what it says on this machine.</summary>
public sealed partial class ImageTests
{
    private static readonly string Dockerfile = File.ReadAllText(Path.Combine(Repository.Root, "Ingest/Dockerfile"));

    /// <summary>What COPY lines take from the build's context.</summary>
    private static readonly string[] Sources = [.. CopyLine().Matches(Dockerfile).SelectMany(line => line.Groups["sources"].Value.Split(' '))];

    [Fact]
    public void Everything_that_is_copied_is_there_and_passes_dockerignore()
    {
        Assert.NotEmpty(Sources);
        Assert.All(Sources, source => Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source));
        var ignore = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")).Where(line => line.Length > 0 && line[0] != '#').ToList();
        Assert.Equal("*", ignore[0]);
        Assert.Equal(Sources.Order(), ignore.Where(line => line[0] == '!').Select(line => line[1..]).Order());
    }

    [Fact]
    public void One_version_stands_everywhere()
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Contains($"image.version=\"{version}\"", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"-t telemetry:{version} ", Dockerfile, StringComparison.Ordinal);
        var compose = new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample);
        Assert.Equal($"telemetry:{version}", ComposeFile.Text(compose.Service("telemetry"), "image"));
        // make-secrets runs the images of the set.
        var makeSecrets = File.ReadAllText(Path.Combine(Repository.Root, "docs/deploy/make-secrets"));
        Assert.Equal([$"telemetry:{version}"], ImageName().Matches(makeSecrets).Select(match => match.Value).Where(name => name.StartsWith("telemetry", StringComparison.Ordinal)).Distinct());
        Assert.Equal([ComposeFile.Text(compose.Service("mosquitto"), "image")], ImageName().Matches(makeSecrets).Select(match => match.Value).Where(name => name.StartsWith("eclipse", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public void User_state_and_ports_are_those_of_the_set()
    {
        var service = new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample).Service("telemetry");
        Assert.Contains($"\nUSER {ComposeFile.Text(service, "user")}\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"--chown={ComposeFile.Text(service, "user")} /state /var/lib/telemetry\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains("TELEMETRY__Data__Path=/var/lib/telemetry\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains(ComposeFile.List(service, "volumes"), mount => ComposeFile.Text(mount, "target") == "/var/lib/telemetry" && ComposeFile.Text(mount, "type") == "volume");
    }

    /// <summary>With TELEMETRY_LONG=1 from nothing but what the image copies, as its RUN line says; else what is built already is published.</summary>
    [Fact]
    public async Task The_build_of_the_image_gives_a_service_that_runs()
    {
        using var folder = new TempDirectory();
        var isLong = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 };
        var publish = PublishLine().Match(Dockerfile).Groups["command"].Value;
        // With a runtime named here the lock files of Rules and Simulators would not fit, and the locked restore would fail.
        Assert.Equal("dotnet publish Ingest -c Release -o /out", publish);
        if (isLong)
            await Tool.RunAsync("sh", ["-c", "cd \"$1\"; target=$2; shift 2; tar --exclude=bin --exclude=obj -cf - \"$@\" | tar -C \"$target\" -xf -", "sh", Repository.Root, folder.Path, .. Sources]);
        var command = publish.Replace("/out", folder.File("out"), StringComparison.Ordinal) + (isLong ? "" : " --no-build");

        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"CI=true exec {command} >&2"]) { WorkingDirectory = isLong ? folder.Path : Repository.Root })!;
        await process.WaitForExitAsync().WaitAsync(Wait.Longest);

        Assert.Equal(0, process.ExitCode);
        Assert.True(File.Exists(folder.File("out/libduckdb.so")));
        Assert.Contains("health", await Tool.RunAsync(folder.File("out/Ingest"), "--help"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex CopyLine();

    [GeneratedRegex(@"^RUN (?<command>dotnet publish .+)$", RegexOptions.Multiline)]
    private static partial Regex PublishLine();

    [GeneratedRegex(@"(telemetry|eclipse-mosquitto):\d+\.\d+\.\d+")]
    private static partial Regex ImageName();
}
