using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The arrows of the house: who may know whom.</summary>
public sealed class HouseTests
{
    [Theory]
    [InlineData("Rules", "")]
    [InlineData("Simulators", "Rules")]
    [InlineData("Ingest", "Rules Simulators")]
    public void A_project_references_only_the_projects_that_it_may(string project, string allowed) =>
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!).Order());

    [Fact]
    public void Rules_has_no_package_but_the_composition_of_its_stages_and_a_reader_of_YAML() =>
        Assert.Equal(["System.Reactive", "YamlDotNet"], References("Rules", "PackageReference").Order());

    [Theory]
    [InlineData("MQTTnet", "Gateways", "Notify/Channels/MqttChannel.cs")]
    [InlineData("NATS", "Cluster")]
    [InlineData("Orleans", "Cluster/Owner")]
    [InlineData("Npgsql", "Cluster/Owner")]
    [InlineData("MailKit", "Notify/Channels/MailChannel.cs")]
    [InlineData("DuckDB", "Store")]
    [InlineData("Microsoft.Data.Sqlite", "State")]
    [InlineData("Ical.Net", "Notify/Rota")]
    [InlineData("Telemetry.Simulators", "Hosting/DemoCity.cs")]
    public void Only_one_place_of_the_service_sees_a_foreign_part(string part, string place, string? other = null)
    {
        var users = Sources("Ingest").Where(file => Regex.IsMatch(File.ReadAllText(file), $@"^\s*using (static )?(\w+ = )?{Regex.Escape(part)}\b", RegexOptions.Multiline))
            .Select(file => Path.GetRelativePath(Path.Combine(Repository.Root, "Ingest"), file)).ToList();
        Assert.NotEmpty(users);
        Assert.All(users, user => Assert.True(user == place || user == other || user.StartsWith(place + "/", StringComparison.Ordinal), $"{user} uses {part}; only {place} may"));
    }

    [Fact]
    public void The_rules_touch_no_file_no_network_and_no_thread() =>
        Assert.All(Sources("Rules"), file => Assert.DoesNotMatch(@"\b(File|Directory)\.\w+\(|\bHttpClient\b|\bSocket\b|\bThread\b|\bTask\.Run\b|\bTimeProvider\.System\b", File.ReadAllText(file)));

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, project, project + ".csproj")).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Path.Combine(Repository.Root, project), file).Split('/').Any(folder => folder is "bin" or "obj"));
}
