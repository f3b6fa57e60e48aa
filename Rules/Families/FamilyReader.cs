using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Reading;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families;

/// <summary>Reads one family file. Any text gives a family or errors that say what, where and what would be right; never an exception.</summary>
public static class FamilyReader
{
    /// <summary>Silence is so many heartbeats without a sign of life.</summary>
    public const double HeartbeatsToSilence = 2.5;

    private const long DefaultLateness = 24 * 3600 * 1000;

    private const int MostKnown = 256;

    // The same text comes from the folder, from the log and from a checkpoint, and compiling it takes milliseconds. A family that was read does not change.
    private static readonly ConcurrentDictionary<string, Family> Known = new(StringComparer.Ordinal);

    /// <param name="fileName">For the errors alone.</param>
    public static FamilyResult Read(string fileName, string text)
    {
        if (Known.TryGetValue(text, out var known))
            return new FamilyResult(known, []);
        var errors = new ErrorList(fileName);
        var family = YamlReader.Read(text, errors) switch
        {
            YamlMap root => ReadFamily(new Section(root, "", errors), text, errors),
            { } other => Refuse(other, errors),
            null => null,
        };
        if (errors.Count > 0 || family is null)
            return new FamilyResult(null, errors.Sorted());
        if (Known.Count >= MostKnown)
            Known.Clear();
        Known[text] = family;
        return new FamilyResult(family, []);
    }

    /// <summary>First 16 hex digits of the text's SHA-256: the rule version.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static Family? Refuse(YamlNode root, ErrorList errors)
    {
        errors.Add(root, "", $"expected family: NAME and what follows, found {root.Shown}");
        return null;
    }

    private static Family ReadFamily(Section root, string text, ErrorList errors)
    {
        var name = root.Text("family", "a family file begins with family: NAME");
        if (name is not null && !Vocabulary.IsName(name.Value))
            root.Fail(name, "family", $"'{name.Value}' is not a family's name; write lower-case letters, digits and _, a letter first");
        var title = root.Title("title", "write title: {en: Drainage pump station, zh: 排水泵站}");
        var (by, on) = Rationalised(root);
        IReadOnlyList<Channel> channels = root.Child("channels") is { } section ? ChannelReader.Read(section) : [];
        var builtIn = root.Find("channels") is null;
        if (builtIn != FamilySet.IsOwn(name?.Value ?? "") && name is not null)
            root.Fail(name, "family", builtIn ? $"channels are missing; only the service's own families ({string.Join(", ", FamilySet.Own)}) do without" : $"'{name.Value}' is a family of the service itself; it has no channels");
        var heartbeat = root.Duration("heartbeat", builtIn ? null : "write heartbeat: 60s; a device is silent after 2.5 of them");
        if (heartbeat is < 1000)
            root.Fail(root.Find("heartbeat")!, "heartbeat", "shorter than 1s, the resolution of silence");
        IReadOnlyList<Setting> settings = root.Child("settings") is { } own ? SettingReader.Read(own) : [];
        var links = Links(root, channels.Count);
        var words = Words(root);
        RefuseSharedNames(root, channels, settings, words);
        var (sources, counts) = (new SourceTable(), new CountTable());
        var rules = Rules(root, text, errors, channels, settings, links, words, sources, counts, builtIn);
        var family = new Family
        {
            Name = name?.Value ?? "",
            Title = title ?? new Title("", ""),
            Heartbeat = heartbeat ?? 0,
            Models = ModelReader.Read(root, settings),
            Lateness = root.Duration("lateness") ?? DefaultLateness,
            Channels = channels,
            Settings = settings,
            Links = links,
            Words = words.ToDictionary(word => word.Key["words.".Length..], word => word.Text.Value, StringComparer.Ordinal),
            Rules = rules,
            Sources = sources.All,
            Counts = counts.All,
            RationalisedBy = by,
            RationalisedOn = on,
            Text = text,
            Hash = HashOf(text),
        };
        root.RefuseOthers();
        return family.Indexed();
    }

    private static (string By, string? On) Rationalised(Section root)
    {
        if (root.Child("rationalised", "write rationalised: {by: shipped default, on: null} until someone here has agreed") is not { } section)
            return ("", null);
        var by = section.Text("by", "name who agreed to these rules");
        var on = section.Text("on");
        if (on is not null && !DateOnly.TryParseExact(on.Value, "yyyy-MM-dd", out _))
            section.Fail(on, "on", $"'{on.Value}' is not a day; write 2026-05-01, or null");
        section.RefuseOthers();
        return (by?.Value ?? "", on?.Value);
    }

    private static SortedDictionary<string, IReadOnlyList<Channel>> Links(Section root, int index)
    {
        var links = new SortedDictionary<string, IReadOnlyList<Channel>>(StringComparer.Ordinal);
        if (root.Child("links") is not { } section)
            return links;
        foreach (var (role, body) in section.Children())
        {
            body.Title("title", "write title: {en: Rain gauge, zh: 雨量计}");
            links[role.Value] = body.Child("channels") is { } channels ? ChannelReader.Read(channels, ofLink: true) : [];
            body.RefuseOthers();
        }
        foreach (var role in links.Keys.ToArray())
            links[role] = [.. links[role].Select(channel => channel with { Link = role, Index = index++ })];
        return links;
    }

    private static List<ConditionText> Words(Section root)
    {
        var words = new List<ConditionText>();
        if (root.Child("words") is not { } section)
            return words;
        foreach (var entry in section.Map.Entries)
        {
            if (!Vocabulary.IsName(entry.Key.Value))
                section.Fail(entry.Key, entry.Key.Value, $"'{entry.Key.Value}' is not a word's name; write lower-case letters, digits and _, a letter first");
            if (section.Text(entry.Key.Value, "a word stands for a condition") is { } text)
                words.Add(new ConditionText(text, section.Inner(entry.Key.Value)));
        }
        return words;
    }

    private static void RefuseSharedNames(Section root, IReadOnlyList<Channel> channels, IReadOnlyList<Setting> settings, IReadOnlyList<ConditionText> words)
    {
        var taken = channels.Select(channel => channel.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var setting in settings.Where(setting => !taken.Add(setting.Name)))
            root.Fail(root.Find("settings")!, $"settings.{setting.Name}", $"'{setting.Name}' is a channel too; conditions could not tell them apart");
        foreach (var word in words.Where(word => !taken.Add(word.Key["words.".Length..])))
            root.Fail(word.Text, word.Key, "is a channel or a setting too; conditions could not tell them apart");
    }

    private static List<Rule> Rules(
        Section root, string text, ErrorList errors, IReadOnlyList<Channel> channels, IReadOnlyList<Setting> settings, IReadOnlyDictionary<string, IReadOnlyList<Channel>> links, IReadOnlyList<ConditionText> words, SourceTable sources, CountTable counts, bool builtIn)
    {
        var rules = new List<Rule>();
        if (root.Child("rules", "a family has at least one rule") is not { } section)
            return rules;
        var names = Names(section);
        var scope = new ConditionScope
        {
            Channels = channels,
            Settings = settings,
            Words = words.ToDictionary(word => word.Key["words.".Length..], word => word.Text.Value, StringComparer.Ordinal),
            Rules = names,
            RuleGroups = Groups(section),
            Links = links,
            Sources = sources,
            Counts = counts,
        };
        var conditions = new ConditionTexts(text.Split('\n'), errors, scope, words);
        var reader = new RuleReader(conditions, names, builtIn);
        foreach (var (key, body) in section.Children())
            rules.Add(reader.Read(key, body, section, rules.Count));
        conditions.RefuseUnusedWords();
        RefuseCircles(section, rules);
        RefusePlacesAlarms(section, rules);
        return rules;
    }

    /// <summary>The alarm of a street is no device's: a condition that asks devices for it would never hold.</summary>
    private static void RefusePlacesAlarms(Section section, List<Rule> rules)
    {
        foreach (var rule in rules)
        {
            var asked = rule.Steps.Select(step => step.Condition).OfType<Condition>()
                .SelectMany(condition => condition.Sources.Concat(condition.Neighbours).Concat(condition.Counts.Select(count => count.Source)))
                .SelectMany(source => source.Parts.Append(source));
            if (asked.FirstOrDefault(source => rules.Exists(other => other.Place is not null && other.Name == source.Rule)) is { Rule: { } name })
                section.Fail(section.Find(rule.Name)!, rule.Name, $"asks for the alarm of '{name}', which is raised for places; no device has it. Ask for what it counts");
        }
    }

    /// <summary>Rules that explain each other in a circle would all be hidden, and nobody told.</summary>
    private static void RefuseCircles(Section section, List<Rule> rules)
    {
        foreach (var rule in rules.Where(rule => rule.Suppresses.Count > 0))
        {
            var reached = new List<Rule> { rule };
            for (var i = 0; i < reached.Count; i++)
                reached.AddRange(rules.Where(effect => Explains(reached[i], effect) && (effect == rule || !reached.Contains(effect))).TakeWhile(_ => reached.Count <= rules.Count));
            if (reached.Count(found => found == rule) > 1)
                section.Fail(section.Find(rule.Name)!, $"{rule.Name}.suppresses", $"'{rule.Name}' is suppressed by what it suppresses; leave one of them out, or all of them are hidden");
        }
    }

    private static bool Explains(Rule cause, Rule effect) => cause.Suppresses.Any(name => name == effect.Name || effect.Steps.Any(step => step.Name == name));

    /// <summary>Of rules with <c>each</c>, and their named steps: the group.</summary>
    private static Dictionary<string, string> Groups(Section rules)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (rule, body) in rules.Map.Entries)
        {
            if (body is not YamlMap map || map.Entries.FirstOrDefault(inner => inner.Key.Value == "each")?.Value is not YamlText each)
                continue;
            groups[rule.Value] = each.Value;
            foreach (var step in StepNames(map))
                groups[step.Value] = each.Value;
        }
        return groups;
    }

    private static IEnumerable<YamlText> StepNames(YamlMap rule) =>
        rule.Entries.FirstOrDefault(inner => inner.Key.Value == "ladder")?.Value is YamlList ladder
            ? ladder.Items.OfType<YamlMap>().SelectMany(rung => rung.Entries).Where(inner => inner.Key.Value == "name").Select(inner => inner.Value).OfType<YamlText>()
            : [];

    /// <summary>Rules and their named steps; a name that stands twice is an error.</summary>
    private static HashSet<string> Names(Section rules)
    {
        var names = rules.Map.Entries.Select(entry => entry.Key.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in rules.Map.Entries)
        {
            if (entry.Value is not YamlMap map)
                continue;
            foreach (var name in StepNames(map))
            {
                if (!names.Add(name.Value))
                    rules.Fail(name, $"{entry.Key.Value}.ladder", $"'{name.Value}' names another rule or step too");
            }
        }
        return names;
    }
}
