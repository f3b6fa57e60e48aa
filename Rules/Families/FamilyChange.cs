using System.Text;
using System.Text.RegularExpressions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families;

/// <summary>
/// What a change of a family file reaches. A rule is reached if its own text changes, if anything changes that all rules share (channels, settings, words,
/// links, heartbeats), or if a rule that it names, or that names it, is reached. Titles of the family, who rationalised it and comments reach nothing.
/// </summary>
public static partial class FamilyChange
{
    private static readonly string[] ReachNothing = ["title", "rationalised", "rules"];

    /// <summary>The reached rules that nobody may shelve, in order: such a change needs a second person.</summary>
    /// <param name="before">Null for a new family.</param>
    public static IReadOnlyList<string> NeverShelvedReached(Family? before, Family after)
    {
        var (old, now) = (Read(before?.Text ?? ""), Read(after.Text));
        var names = old.Rules.Keys.Union(now.Rules.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var reached = names.Where(name => old.Shared != now.Shared || old.Rules.GetValueOrDefault(name) != now.Rules.GetValueOrDefault(name)).ToHashSet(StringComparer.Ordinal);
        var words = names.ToDictionary(name => name, name => Words(old, name).Union(Words(now, name)).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var known = names.ToDictionary(name => name, name => Own(name, before, after), StringComparer.Ordinal);
        for (var size = -1; size != reached.Count;)
        {
            size = reached.Count;
            reached.UnionWith(names.Where(name => reached.Any(other => words[name].Overlaps(known[other]) || words[other].Overlaps(known[name]))).ToArray());
        }
        return [.. names.Where(name => reached.Contains(name) && known[name].Any(own => Vocabulary.IsNeverShelved(after.Name, own)))];
    }

    /// <summary>The rule's name and those of its steps.</summary>
    private static string[] Own(string rule, params ReadOnlySpan<Family?> families)
    {
        var own = new List<string> { rule };
        foreach (var family in families)
            own.AddRange(family?.Rules.Where(one => one.Name == rule).SelectMany(one => one.Steps).Select(step => step.Name).OfType<string>() ?? []);
        return [.. own];
    }

    private static IEnumerable<string> Words((string Shared, Dictionary<string, string> Rules) file, string rule) =>
        file.Rules.TryGetValue(rule, out var text) ? Word().Matches(text).Select(match => match.Value) : [];

    private static (string Shared, Dictionary<string, string> Rules) Read(string text)
    {
        var rules = new Dictionary<string, string>(StringComparer.Ordinal);
        if (YamlReader.Read(text, new ErrorList("")) is not YamlMap root)
            return ("", rules);
        foreach (var rule in root.Entries.Where(entry => entry.Key.Value == "rules").Select(entry => entry.Value).OfType<YamlMap>().SelectMany(map => map.Entries))
            rules[rule.Key.Value] = Plain(rule.Value);
        return (string.Concat(root.Entries.Where(entry => !ReachNothing.Contains(entry.Key.Value)).Select(entry => $"{entry.Key.Value}: {Plain(entry.Value)}\n")), rules);
    }

    /// <summary>The same for the same meaning, however it is laid out.</summary>
    private static string Plain(YamlNode node) => node switch
    {
        YamlText text => text.IsNull ? "~" : $"\"{text.Value}\"",
        YamlList list => $"[{string.Join(", ", list.Items.Select(Plain))}]",
        YamlMap map => map.Entries.Aggregate(new StringBuilder("{"), (all, entry) => all.Append(entry.Key.Value).Append(": ").Append(Plain(entry.Value)).Append(", ")).Append('}').ToString(),
        _ => "",
    };

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
