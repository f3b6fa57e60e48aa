using System.Text.Encodings.Web;
using System.Text.Json;
using Telemetry.Ingest.Dashboards.Boards;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>All dashboards of these families as files beneath one folder.</summary>
internal static class DashboardFiles
{
    /// <summary>Those with a dashboard for each family: what else stands in them under a dashboard's name is a former family's.</summary>
    private static readonly string[] FamilyFolders = ["families", "devices"];

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Path beneath the folder, with slashes, and text; in the order of the paths. The same families give the same bytes.</summary>
    /// <exception cref="InvalidDataException">A family's name is too long for Grafana.</exception>
    public static SortedDictionary<string, string> Of(FamilySet families)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var dashboard in All(families))
        {
            if (dashboard.Uid.Length > Dashboard.LongestUid)
                throw new InvalidDataException($"the dashboard '{dashboard.Uid}' has a longer uid than the {Dashboard.LongestUid} characters that Grafana takes; a family with dashboards has a name of at most {Dashboard.LongestUid - Links.DeviceUid.Length}");
            files.Add(dashboard.File, dashboard.ToJson().ToJsonString(Json) + "\n");
        }
        return files;
    }

    /// <summary>Writes them, and removes dashboards of families that are no more; other files stay.</summary>
    public static void Write(string folder, SortedDictionary<string, string> files)
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        foreach (var stale in Stale(folder, files))
            File.Delete(Path.Combine(folder, stale));
    }

    /// <summary>The files that differ in the folder, and how: <c>missing</c>, <c>differs</c>, <c>stale</c>.</summary>
    public static IEnumerable<(string File, string Difference)> Differences(string folder, SortedDictionary<string, string> files)
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            if (!File.Exists(file))
                yield return (path, "missing");
            else if (File.ReadAllText(file) != text)
                yield return (path, "differs");
        }
        foreach (var stale in Stale(folder, files))
            yield return (stale, "stale");
    }

    private static IEnumerable<string> Stale(string folder, SortedDictionary<string, string> files) => FamilyFolders
        .Where(part => Directory.Exists(Path.Combine(folder, part)))
        .SelectMany(part => Directory.EnumerateFiles(Path.Combine(folder, part), "city-*.json").Select(file => $"{part}/{Path.GetFileName(file)}"))
        .Where(path => !files.ContainsKey(path)).Order(StringComparer.Ordinal);

    private static IEnumerable<Dashboard> All(FamilySet families)
    {
        var (builtIn, own) = (families.All.Where(family => family.IsBuiltIn), families.All.Where(family => !family.IsBuiltIn).ToList());
        return
        [
            CityWall.Create(), PlaceBoards.District(), PlaceBoards.Street(), PlaceBoards.Device(), AlarmsBoard.Create(), ServiceHealth.Create(),
            .. own.Select(FamilyBoard.Create), .. own.Select(DeviceBoard.Create), .. builtIn.SelectMany(BuiltInBoards.Of),
        ];
    }
}
