using System.CommandLine;
using System.Text.Json;
using Telemetry.Ingest.Dashboards;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Commands;

/// <summary><c>dashboards</c>: writes Grafana's dashboards from the family files. Exit code 0 done, 1 mistakes or differences, 2 wrong usage.</summary>
public static class DashboardsCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "The folder that Grafana reads dashboards from.", HelpName = "DIR", Required = true };
        var rules = new Option<string?>("--rules") { Description = "A folder of family files (*.yaml); without it the shipped ones.", HelpName = "DIR" };
        var check = new Option<bool>("--check") { Description = "Writes nothing; says which files differ from what would be written, and ends with 1 if any does." };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: with --check one a file that differs; the last with the number of dashboards." };
        var command = new Command("dashboards", """
            Writes Grafana's dashboards: the city's, and two for each family of devices, with units, limits and states from its file.

            Examples:
              dashboards --out dashboards/grafana/dashboards
              dashboards --out dashboards/grafana/dashboards --rules ./rules
              dashboards --out dashboards/grafana/dashboards --check
            """) { output, rules, check, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(output), parsed.GetValue(rules), parsed.GetValue(check), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, string? rules, bool check, bool json, TextWriter output, TextWriter error)
    {
        var (families, mistakes) = RulesFolder.Read(rules);
        foreach (var mistake in mistakes)
            error.WriteLine(mistake);
        if (families is null)
            return 1;
        try
        {
            var files = DashboardFiles.Of(families);
            if (!check)
                DashboardFiles.Write(folder, files);
            var differences = DashboardFiles.Differences(folder, files).ToList();
            foreach (var (file, difference) in differences)
                output.WriteLine(json ? JsonSerializer.Serialize(new { file, difference }, Json) : $"{file}: {difference}");
            output.WriteLine(json ? JsonSerializer.Serialize(new { dashboards = files.Count, differences = differences.Count }, Json) : $"{files.Count} dashboards, {differences.Count} files of {folder} differ");
            return differences.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            error.WriteLine("dashboards: " + e.Message);
            return 1;
        }
    }
}
