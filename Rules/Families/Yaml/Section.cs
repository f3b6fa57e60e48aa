using System.Globalization;
using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Families.Yaml;

/// <summary>
/// A mapping while it is read: every key that is asked for is known, every other one is a mistake. What is missing or of the wrong
/// type is reported here, with what would be right, and comes back as null.
/// </summary>
internal sealed class Section(YamlMap map, string path, ErrorList errors)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public string Path => path;

    public YamlMap Map => map;

    public string Inner(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public void Fail(YamlNode at, string key, string message) => errors.Add(at, Inner(key), message);

    /// <summary>Says that a key is missing, at the mapping's start.</summary>
    public void Missing(string key, string why) => errors.Add(map, path, $"{key} is missing; {why}");

    public YamlNode? Find(string key)
    {
        _asked.Add(key);
        foreach (var entry in map.Entries)
        {
            if (entry.Key.Value == key)
                return entry.Value is YamlText { IsNull: true } ? null : entry.Value;
        }
        return null;
    }

    /// <param name="required">What the missing key would say, for the message; null if it may be left out.</param>
    public YamlText? Text(string key, string? required = null)
    {
        var node = Find(key);
        if (node is YamlText text)
            return text;
        if (node is not null)
            Fail(node, key, $"expected a text, found {node.Shown}");
        else if (required is not null)
            Missing(key, required);
        return null;
    }

    public Section? Child(string key, string? required = null)
    {
        var node = Find(key);
        if (node is YamlMap child)
            return new Section(child, Inner(key), errors);
        if (node is not null)
            Fail(node, key, $"expected a mapping, found {node.Shown}");
        else if (required is not null)
            Missing(key, required);
        return null;
    }

    /// <summary>The mappings of a list; none where the key is missing.</summary>
    public IEnumerable<Section> Sections(string key)
    {
        var node = Find(key);
        if (node is not (null or YamlList))
            Fail(node, key, $"expected a list, found {node.Shown}");
        foreach (var (i, item) in ((node as YamlList)?.Items ?? []).Index())
        {
            if (item is YamlMap inner)
                yield return Of(inner, string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"));
            else
                Fail(item, key, $"expected a mapping, found {item.Shown}");
        }
    }

    /// <summary>A mapping that stands in a list under <paramref name="key"/>.</summary>
    public Section Of(YamlMap inner, string key) => new(inner, Inner(key), errors);

    /// <summary>The mappings within a mapping whose keys are names.</summary>
    public IEnumerable<(YamlText Name, Section Section)> Children()
    {
        foreach (var entry in map.Entries)
        {
            _asked.Add(entry.Key.Value);
            if (entry.Value is YamlMap child)
                yield return (entry.Key, new Section(child, Inner(entry.Key.Value), errors));
            else
                Fail(entry.Value, entry.Key.Value, $"expected a mapping, found {entry.Value.Shown}");
        }
    }

    /// <summary>A list of texts; empty where the key is missing.</summary>
    public IReadOnlyList<YamlText> Texts(string key)
    {
        var node = Find(key);
        if (node is null)
            return [];
        if (node is not YamlList list)
        {
            Fail(node, key, $"expected a list such as [a, b], found {node.Shown}");
            return [];
        }
        foreach (var item in list.Items.Where(item => item is not YamlText))
            Fail(item, key, $"expected a text, found {item.Shown}");
        return [.. list.Items.OfType<YamlText>()];
    }

    /// <summary>Milliseconds.</summary>
    public long? Duration(string key, string? required = null)
    {
        if (Text(key, required) is not { } text)
            return null;
        var duration = Quantity.Duration(text.Value);
        if (duration is null)
            Fail(text, key, $"'{text.Value}' is not a duration; write 30s, 10m (minutes), 12h or 7d, at most 36500d");
        return duration;
    }

    public bool? Flag(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (text.Value is "true" or "false")
            return text.Value == "true";
        Fail(text, key, $"'{text.Value}' is neither true nor false");
        return null;
    }

    public (double Min, double Max)? Range(string key)
    {
        if (Text(key) is not { } text)
            return null;
        var dots = text.Value.IndexOf("..", StringComparison.Ordinal);
        if (dots > 0 && Number(text.Value[..dots]) is { } min && Number(text.Value[(dots + 2)..]) is { } max)
        {
            if (min < max)
                return (min, max);
            Fail(text, key, $"{text.Value}: the lower end must be below the upper end");
            return null;
        }
        Fail(text, key, $"'{text.Value}' is not a range; write lowest..highest, such as 0..12");
        return null;
    }

    /// <summary>One of the words of <paramref name="choices"/>, in the spelling of its key.</summary>
    public T? Choice<T>(string key, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        if (choices.TryGetValue(text.Value, out var choice))
            return choice;
        Fail(text, key, $"'{text.Value}' is not one of {string.Join(", ", choices.Keys)}{NearestName.Hint(text.Value, choices.Keys)}");
        return null;
    }

    /// <summary>A label in both languages.</summary>
    public Title? Title(string key, string? required = null)
    {
        if (Child(key, required) is not { } section)
            return null;
        var (en, zh) = (section.Text("en", "every label stands in English and Chinese"), section.Text("zh", "every label stands in English and Chinese"));
        section.RefuseOthers();
        return en is null || zh is null ? null : new Title(en.Value, zh.Value);
    }

    /// <summary>Reports every key that nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, _) in map.Entries)
        {
            if (!_asked.Contains(key.Value))
                Fail(key, key.Value, $"unknown key '{key.Value}'{(NearestName.Hint(key.Value, _asked) is { Length: > 0 } hint ? hint : $"; known here: {string.Join(", ", _asked)}")}");
        }
    }

    internal static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
