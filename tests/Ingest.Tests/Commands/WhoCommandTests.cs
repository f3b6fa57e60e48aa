using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Commands;

namespace Telemetry.Ingest.Tests.Commands;

public class WhoCommandTests
{
    private static readonly string Sample = Path.Combine(Repository.Root, "docs", "samples", "notify.yaml");

    [Fact]
    public void Says_who_would_be_told_at_3_on_Sunday_and_in_which_words()
    {
        var (exitCode, output, error) = Run("--file", Sample, "--at", "2026-11-29 03:00", "--family", "gas_valve", "--rule", "leak_high", "--district", "Xihu");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("route 1 -> gas", output, StringComparison.Ordinal);
        Assert.Matches(@"2026-11-29 03:00\s+on_call\s+zhou 周敏\s+voice, sms", output);
        Assert.Matches(@"2026-11-29 03:03\s+next\s+wang 王伟\s+voice, sms", output);
        Assert.Matches(@"2026-11-29 03:06\s+leader\s+chen 陈刚\s+voice, sms", output);
        Assert.Contains("【南昌城管】Xihu 危及生命：燃气泄漏", output, StringComparison.Ordinal);
        Assert.DoesNotContain("138000", output, StringComparison.Ordinal);
        Assert.DoesNotContain("@example", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drill_is_its_roster_s_and_a_test_is_nobody_s()
    {
        string[] asked = ["--file", Sample, "--family", "tunnel", "--rule", "co_close", "--json", "--mode"];

        Assert.Equal(["smith", "chen"], Lines([.. asked, "drill"])[..^1].Select(line => line.GetProperty("to").GetString()));
        Assert.Equal(0, Assert.Single(Lines([.. asked, "test"])).GetProperty("steps").GetInt32());
    }

    [Fact]
    public void A_ticket_waits_for_the_next_digest()
    {
        var lines = Lines("--file", Sample, "--at", "2026-11-29T09:00:00+08:00", "--family", "drainage_pump", "--rule", "excess_starts", "--json");

        Assert.Equal(("2026-11-29T08:00:00.000Z", "digest"), (lines[0].GetProperty("at").GetString(), lines[0].GetProperty("asked").GetString()));
    }

    [Fact]
    public void Prints_the_rotas_of_a_week()
    {
        var lines = Lines("--file", Sample, "--week", "--at", "2026-11-30 00:00", "--json");

        foreach (var team in lines.GroupBy(line => line.GetProperty("team").GetString()))
        {
            Assert.Equal("2026-11-29T16:00:00.000Z", team.First().GetProperty("from").GetString());
            Assert.Equal("2026-12-06T16:00:00.000Z", team.Last().GetProperty("to").GetString());
            Assert.All(team.Zip(team.Skip(1)), pair => Assert.Equal(pair.First.GetProperty("to").GetString(), pair.Second.GetProperty("from").GetString()));
        }
    }

    [Fact]
    public void A_gap_is_warned_of_with_its_begin_and_end()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "notify.yaml");
        File.WriteAllText(file, Notify.Files.Small.Replace("people: [wang, li]", "shifts: {day: {hours: 08:00-20:00, people: [wang]}}", StringComparison.Ordinal));

        var week = Run("--file", file, "--week", "--at", "2026-11-30 00:00").Output;
        var who = Run("--file", file, "--at", "2026-11-30 03:00", "--family", "tunnel", "--rule", "co_close").Output;

        Assert.Contains("warning: duty: nobody is on call from 2026-11-30 20:00 to 2026-12-01 08:00 (duty: no shift)", week, StringComparison.Ordinal);
        Assert.Contains("NOBODY", week, StringComparison.Ordinal);
        Assert.Contains("warning: 2026-11-30 03:00: nobody is on call (duty: no shift)", who, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--family|drainage_pmp|--rule|x", "there is no family 'drainage_pmp'; did you mean 'drainage_pump'?")]
    [InlineData(2, "--family|tunnel|--rule|co_hihg", "there is no rule 'co_hihg'; did you mean 'co_high'?")]
    [InlineData(2, "--family|tunnel", "rule is missing; one of ")]
    [InlineData(2, "--family|tunnel|--rule|co_high|--severity|urgent", "severity 'urgent' is not one of low, medium, high, critical")]
    [InlineData(2, "--family|tunnel|--rule|co_high|--calendar|easter", "calendar 'easter' is not one of work_order")]
    [InlineData(2, "--family|tunnel|--rule|co_high|--mode|dril", "mode 'dril' is not one of live, drill, test; did you mean 'drill'?")]
    [InlineData(2, "--week|--at|tomorrow", "--at tomorrow: must be \"2026-11-29 03:00\" (China's time)")]
    public void Wrong_usage_says_what_would_be_right(int exitCode, string args, string expected)
    {
        var (code, output, error) = Run(["--file", Sample, .. args.Split('|')]);

        Assert.Equal((exitCode, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_mistakes_is_refused_with_all_of_them()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "notify.yaml");
        File.WriteAllText(file, Notify.Files.Small.Replace("to: duty", "to: dutty", StringComparison.Ordinal).Replace("leader: chen", "leader: chan", StringComparison.Ordinal));

        var (exitCode, _, error) = Run("--file", file, "--week");

        Assert.Equal(1, exitCode);
        Assert.Contains($"{file}:9:13: teams.duty.leader: 'chan'", error, StringComparison.Ordinal);
        Assert.Contains($"{file}:11:9: routes[0].to: 'dutty'", error, StringComparison.Ordinal);
    }

    private static List<JsonElement> Lines(params string[] args)
    {
        var (exitCode, output, error) = Run(args);
        Assert.Equal((0, ""), (exitCode, error));
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = WhoCommand.Create().Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }
}
