using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify;

/// <summary><c>people:</c> and <c>robots:</c>. No message repeats a phone number or an address: errors stand in logs.</summary>
internal static class PeopleReader
{
    private static readonly Dictionary<string, Language> Languages = new() { ["zh"] = Language.Zh, ["en"] = Language.En };
    private static readonly Dictionary<string, int> Kinds = Robot.Kinds.Index().ToDictionary(kind => kind.Item, kind => kind.Index);

    public static SortedDictionary<string, Person> People(Section root)
    {
        var people = new SortedDictionary<string, Person>(StringComparer.Ordinal);
        foreach (var (id, body) in root.Child("people", "write people: and beneath it wang: {name: 王伟, phone: \"+8613800000000\"}")?.Children() ?? [])
        {
            if (!Vocabulary.IsName(id.Value) || Routing.StepTarget.Words.Contains(id.Value))
                root.Fail(id, $"people.{id.Value}", $"'{id.Value}' is no id of a person; write lower-case letters, digits and _, a letter first, and none of {string.Join(", ", Routing.StepTarget.Words)}");
            var name = body.Text("name", "write name: 王伟");
            var phone = Checked(body, "phone", IsPhone, "digits, with the country's code: \"+8613800000000\"");
            var mail = Checked(body, "mail", IsMail, "an address, such as wang@example.cn");
            if (body.Find("phone") is null && body.Find("mail") is null)
                body.Missing("phone", "write phone: \"+8613800000000\", or mail: wang@example.cn; there is no other way to tell anybody anything");
            var mentions = Robot.Kinds.Select(kind => (Kind: kind, body.Text(kind)?.Value)).Where(mention => mention.Value is not null).ToDictionary(mention => mention.Kind, mention => mention.Value!);
            people[id.Value] = new Person(id.Value, name?.Value ?? "", body.Choice("language", Languages) ?? Language.Zh, phone, mail, mentions);
            body.RefuseOthers();
        }
        return people;
    }

    public static SortedDictionary<string, Robot> Robots(Section root, IReadOnlyDictionary<string, Person> people)
    {
        var robots = new SortedDictionary<string, Robot>(StringComparer.Ordinal);
        foreach (var (name, body) in root.Child("robots")?.Children() ?? [])
        {
            if (body.Choice("kind", Kinds) is { } kind)
                robots[name.Value] = new Robot(name.Value, Robot.Kinds[kind]);
            else if (body.Find("kind") is null)
                body.Missing("kind", $"one of {string.Join(", ", Robot.Kinds)}");
            if (people.ContainsKey(name.Value))
                root.Fail(name, $"robots.{name.Value}", "is a person's id too; the group would be told in the person's place");
            body.RefuseOthers();
        }
        return robots;
    }

    /// <summary>The id, or null with an error.</summary>
    public static string? Known(Section section, YamlText text, string key, IReadOnlyDictionary<string, Person> people)
    {
        if (people.ContainsKey(text.Value))
            return text.Value;
        section.Fail(text, key, $"'{text.Value}' is nobody of people{NearestName.Hint(text.Value, people.Keys)}");
        return null;
    }

    private static string? Checked(Section body, string key, Func<string, bool> isRight, string right)
    {
        if (body.Text(key) is not { } text)
            return null;
        if (!isRight(text.Value))
            body.Fail(text, key, $"expected {right}");
        return text.Value;
    }

    private static bool IsPhone(string text) => text.TrimStart('+') is { Length: >= 5 and <= 15 } digits && digits.All(char.IsAsciiDigit) && text.Length - digits.Length <= 1;

    private static bool IsMail(string text) =>
        text.Split('@') is [{ Length: > 0 }, { Length: > 2 } host] && host.Contains('.', StringComparison.Ordinal) && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';');
}
