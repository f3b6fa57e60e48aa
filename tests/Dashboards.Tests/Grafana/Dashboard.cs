using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>One dashboard's JSON, or a broken copy of it.</summary>
internal sealed class Dashboard
{
    private static readonly string Folder = Path.Combine(Repository.Root, "dashboards/grafana/dashboards");

    private Dashboard(string file, JsonElement root)
    {
        (File, Root) = (file, root);
        Panels = [.. List(root, "panels").SelectMany(panel => List(panel, "panels").Prepend(panel))];
        Variables = root.TryGetProperty("templating", out var templating) ? [.. List(templating, "list")] : [];
        Annotations = root.TryGetProperty("annotations", out var annotations) ? [.. List(annotations, "list")] : [];
    }

    /// <summary>All that are shipped, in the order of their paths.</summary>
    public static IReadOnlyList<Dashboard> Shipped { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Parse(Path.GetRelativePath(Folder, path), System.IO.File.ReadAllText(path)))];

    /// <summary>Beneath the folder of dashboards.</summary>
    public string File { get; }

    public JsonElement Root { get; }

    public string Uid => Text(Root, "uid") ?? "";

    /// <summary>Rows too, and what lies in them.</summary>
    public IReadOnlyList<JsonElement> Panels { get; }

    public IReadOnlyList<JsonElement> Variables { get; }

    public IReadOnlyList<JsonElement> Annotations { get; }

    public static Dashboard Parse(string file, string text) => new(file, JsonDocument.Parse(text).RootElement);

    public static Dashboard Find(string uid) => Assert.Single(Shipped, dashboard => dashboard.Uid == uid);

    /// <summary>A copy with one mistake.</summary>
    public Dashboard With(Action<JsonObject> mistake)
    {
        var copy = JsonObject.Create(Root)!.DeepClone().AsObject();
        mistake(copy);
        return new Dashboard(File, JsonSerializer.SerializeToElement(copy));
    }

    /// <summary>A copy with one text in place of another wherever it stands.</summary>
    public Dashboard With(string right, string wrong)
    {
        var text = Root.GetRawText();
        Assert.Contains(right, text, StringComparison.Ordinal);
        return Parse(File, text.Replace(right, wrong, StringComparison.Ordinal));
    }

    /// <summary>For messages: dashboard, panel, query.</summary>
    public string Name(JsonElement panel, JsonElement? target = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{Uid} panel {Text(panel, "id")} \"{Text(panel, "title")}\"{(target is { } query ? " " + Text(query, "refId") : "")}");

    public override string ToString() => Uid;
}
