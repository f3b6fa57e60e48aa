using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Commands;

public class CheckRulesCommandTests
{
    [Fact]
    public void The_shipped_rules_are_right()
    {
        var (exitCode, output, _) = Run();

        Assert.Equal(0, exitCode);
        Assert.All(FamilySet.Shipped().All, family => Assert.Contains($" {family.Name} ", output, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public void The_shipped_files_are_written_to_be_changed_and_never_over_others()
    {
        using var folder = new TempDirectory();
        var rules = Path.Combine(folder.Path, "rules");

        Assert.Equal(0, Run("--write", rules).ExitCode);
        Assert.Equal(FamilySet.Shipped().All.Where(family => !FamilySet.IsOwn(family.Name)).Select(family => family.Name).Order(StringComparer.Ordinal), Directory.GetFiles(rules).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));
        Assert.Equal(0, Run(rules).ExitCode);
        var changed = Path.Combine(rules, "drainage_pump.yaml");
        File.WriteAllText(changed, "mine");
        var (exitCode, _, error) = Run("--write", rules);

        Assert.Equal((2, "mine"), (exitCode, File.ReadAllText(changed)));
        Assert.Contains("is there already; name a folder without family files", error, StringComparison.Ordinal);
        Assert.Contains("check-rules: --write /dev/null/rules: ", Run("--write", "/dev/null/rules").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_is_printed_with_file_line_and_column()
    {
        using var folder = new TempDirectory();
        var file = Write(folder, text => text.Replace("above: overflow_level", "above: overflw_level", StringComparison.Ordinal));
        var line = File.ReadAllLines(file).ToList().FindIndex(text => text.Contains("overflw_level", StringComparison.Ordinal)) + 1;

        var (exitCode, output, _) = Run(folder.Path);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{file}:{line}:33: rules.level_high.ladder[1].above: ", output, StringComparison.Ordinal);
        Assert.Contains("did you mean 'overflow_level'?", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("power_lost", "drainage_pump/power_lost tunnel/power_lost")]
    [InlineData("tunnel/power_lost", "tunnel/power_lost")]
    [InlineData("gateway", "gateway/offline")]
    public void A_rule_is_explained_by_its_name_its_family_s_or_both(string wanted, string rules)
    {
        var (exitCode, output, _) = Run("--explain", wanted, "--json");

        Assert.Equal(0, exitCode);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(rules.Split(' '), lines.Select(line => $"{line.GetProperty("family")}/{line.GetProperty("rule")}"));
        Assert.All(lines, line => Assert.NotEqual(0, line.GetProperty("en").GetArrayLength()));
        Assert.All(lines, line => Assert.Equal(line.GetProperty("en").GetArrayLength(), line.GetProperty("zh").GetArrayLength()));
    }

    [Fact]
    public void A_rule_that_is_not_there_is_answered_with_its_nearest_name()
    {
        var (exitCode, output, error) = Run("--explain", "levl_high");

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains("there is no rule or family 'levl_high'; did you mean 'level_high'?", error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_only_json_lines_are_on_standard_output()
    {
        using var folder = new TempDirectory();
        Write(folder, text => text);

        var (exitCode, output, _) = Run(folder.Path, "--json");

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(0, exitCode);
        Assert.Equal(["area", "drainage_pump", "gateway", "system"], lines[..^1].Select(line => line.GetProperty("family").GetString()));
        Assert.Equal(0, lines[^1].GetProperty("errors").GetInt32());
        Assert.Equal(4, lines[^1].GetProperty("notYetRationalised").GetInt32());
    }

    [Fact]
    public void A_mistake_as_json_names_file_line_column_and_key()
    {
        using var folder = new TempDirectory();
        Write(folder, text => text.Replace("heartbeat: 24s", "heartbeat: soon", StringComparison.Ordinal));

        var (exitCode, output, _) = Run(folder.Path, "--json");

        var mistake = JsonDocument.Parse(output.Split('\n')[0]).RootElement;
        Assert.Equal(1, exitCode);
        Assert.Equal("heartbeat", mistake.GetProperty("key").GetString());
        Assert.Equal(12, mistake.GetProperty("column").GetInt32());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_wrong_usage()
    {
        var (exitCode, output, error) = Run("/not/there");

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains("/not/there is not a folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_family_files_says_so()
    {
        using var folder = new TempDirectory();

        var (exitCode, output, _) = Run(folder.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("no *.yaml in it", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_utf8_is_one_mistake_and_the_other_files_are_still_read()
    {
        using var folder = new TempDirectory();
        File.WriteAllBytes(Path.Combine(folder.Path, "a.yaml"), [0xC3, 0x28]);
        Write(folder, text => text.Replace("heartbeat: 24s", "heartbeat: soon", StringComparison.Ordinal));

        var (exitCode, output, _) = Run(folder.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("a.yaml:1:1: not UTF-8", output, StringComparison.Ordinal);
        Assert.Contains("'soon' is not a duration", output, StringComparison.Ordinal);
    }

    private static string Write(TempDirectory folder, Func<string, string> change)
    {
        var file = Path.Combine(folder.Path, "drainage_pump.yaml");
        File.WriteAllText(file, change(FamilySet.ShippedFiles().Single(shipped => shipped.File == "drainage_pump.yaml").Text));
        return file;
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CheckRulesCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }
}
