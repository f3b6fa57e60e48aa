using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>The <c>models</c> of a family: products that report at another pace, or whose limits are others.</summary>
internal static class ModelReader
{
    public static SortedDictionary<string, Model> Read(Section root, IReadOnlyList<Setting> settings)
    {
        var models = new SortedDictionary<string, Model>(StringComparer.Ordinal);
        if (root.Child("models") is not { } section)
            return models;
        foreach (var (name, body) in section.Children())
        {
            if (body.Find("heartbeat") is null && body.Find("settings") is null)
                body.Missing("heartbeat", "a model stands here for its heartbeat, its settings, or both");
            models[name.Value] = new Model(body.Duration("heartbeat"), body.Child("settings") is { } own ? Settings(own, settings) : new Dictionary<int, double>());
            body.RefuseOthers();
        }
        return models;
    }

    private static Dictionary<int, double> Settings(Section own, IReadOnlyList<Setting> settings)
    {
        var values = new Dictionary<int, double>();
        foreach (var setting in settings)
        {
            if (SettingReader.Value(own, setting.Name, setting) is { } value)
                values[setting.Index] = value;
        }
        own.RefuseOthers();
        return values;
    }
}
