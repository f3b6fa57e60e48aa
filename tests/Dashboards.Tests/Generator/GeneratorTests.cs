using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Commands;

namespace Telemetry.Dashboards.Tests.Generator;

/// <summary>The command <c>dashboards</c>: what it writes from the shipped family files and from a city's own.</summary>
public sealed class GeneratorTests
{
    private static readonly string Committed = Path.Combine(Repository.Root, "dashboards/grafana/dashboards");

    [Fact]
    public void The_committed_dashboards_are_those_of_the_shipped_families()
    {
        var (exitCode, output, _) = Run("--out", Committed, "--check");

        Assert.Equal((0, ""), (exitCode, exitCode == 0 ? "" : output));
    }

    [Fact]
    public void What_was_edited_by_hand_what_is_missing_and_what_is_left_over_is_named_and_put_right()
    {
        using var folder = new TempDirectory();
        Assert.Equal(0, Run("--out", folder.Path).ExitCode);
        File.AppendAllText(folder.File("city/city-wall.json"), " ");
        File.Delete(folder.File("city/city-street.json"));
        File.WriteAllText(folder.File("families/city-family-tram.json"), "{}");
        File.WriteAllText(folder.File("families/ours.json"), "{}");

        var (exitCode, output, _) = Run("--out", folder.Path, "--check", "--json");

        Assert.Equal(1, exitCode);
        Assert.Equal(
            ["city/city-street.json missing", "city/city-wall.json differs", "families/city-family-tram.json stale"],
            Lines(output).Where(line => line.TryGetProperty("file", out _)).Select(line => $"{line.GetProperty("file")} {line.GetProperty("difference")}"));
        Assert.Equal(0, Run("--out", folder.Path).ExitCode);
        Assert.Equal(0, Run("--out", folder.Path, "--check").ExitCode);
        Assert.True(File.Exists(folder.File("families/ours.json")));
        Assert.False(File.Exists(folder.File("families/city-family-tram.json")));
    }

    [Fact]
    public void A_family_name_beyond_Grafana_s_uids_is_refused()
    {
        var name = new string('a', 29);
        using var rules = new TempDirectory();
        File.WriteAllText(rules.File("a.yaml"), OwnFamily.Text.Replace("family: landfill", $"family: {name}", StringComparison.Ordinal));
        using var folder = new TempDirectory();

        var (exitCode, _, error) = Run("--out", folder.Path, "--rules", rules.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains($"city-family-{name}", error, StringComparison.Ordinal);
        Assert.Contains("at most 28", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_mistake_in_a_family_file_is_named_and_nothing_is_written()
    {
        using var rules = new TempDirectory();
        var file = rules.File("landfill.yaml");
        File.WriteAllText(file, OwnFamily.Text.Replace("unit: m,", "unit: metre,", StringComparison.Ordinal));
        using var folder = new TempDirectory();

        var (exitCode, _, error) = Run("--out", folder.Path, "--rules", rules.Path);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{file}:", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Without_a_folder_the_usage_is_wrong() => Assert.Equal(2, DashboardsExit());

    internal static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = DashboardsCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }

    private static int DashboardsExit() => DashboardsCommand.Create().Parse([]).Errors.Count > 0 ? 2 : 0;

    private static IEnumerable<JsonElement> Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);
}
