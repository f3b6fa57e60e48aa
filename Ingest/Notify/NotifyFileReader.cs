using System.Text;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify;

/// <summary>Reads the file of <c>Notify:File</c>. Any text gives a file or errors that say what, where and what would be right.</summary>
internal static class NotifyFileReader
{
    private const string DefaultSignature = "城市遥测";
    private const int MaxSignature = 12;

    /// <summary>Of a file on disk; calendars are looked for beside it.</summary>
    /// <param name="families">Those in force: what routes name must be there.</param>
    /// <param name="positions">Operator positions likewise; null leaves them unchecked.</param>
    /// <param name="opens">Hears of each calendar that it names.</param>
    public static NotifyResult Load(string path, IReadOnlyCollection<Family> families, IReadOnlyCollection<string>? positions = null, Action<string>? opens = null)
    {
        if (ReadText(path, out var text) is { } problem)
            return new NotifyResult(null, [new FamilyError(path, 1, 1, "", problem)]);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Read(path, text, families, Open, positions);

        (string?, string?) Open(string name)
        {
            opens?.Invoke(name);
            return ReadText(Path.Combine(folder, name), out var calendar) is { } missing ? (null, missing) : (calendar, null);
        }
    }

    /// <param name="fileName">For the errors alone.</param>
    /// <param name="open">A calendar's text by its name, or why it cannot be read.</param>
    public static NotifyResult Read(string fileName, string text, IReadOnlyCollection<Family> families, Func<string, (string? Text, string? Problem)> open, IReadOnlyCollection<string>? positions = null)
    {
        var errors = new ErrorList(fileName);
        var root = YamlReader.Read(text, errors, "notify");
        if (root is not null and not YamlMap)
            errors.Add(root, "", $"expected people:, teams: and routes:, found {root.Shown}");
        var file = root is YamlMap map ? Read(new Section(map, "", errors), families, open, positions) : null;
        return new NotifyResult(errors.Count == 0 ? file : null, errors.Sorted());
    }

    private static NotifyFile Read(Section root, IReadOnlyCollection<Family> families, Func<string, (string? Text, string? Problem)> open, IReadOnlyCollection<string>? positions)
    {
        var calendars = new List<string>();
        var people = PeopleReader.People(root);
        var robots = PeopleReader.Robots(root, people);
        var teams = new TeamReader(people, Open).Read(root);
        var channels = ChannelReader.Read(root);
        var routes = new RouteReader(families, teams, people, robots, positions).Read(root);
        var file = new NotifyFile
        {
            Signature = Signature(root),
            Map = Map(root),
            People = people,
            Robots = robots,
            Teams = teams,
            Routes = routes,
            Channels = channels.BySeverity,
            DigestChannels = channels.Digest,
            Digest = Digest(root),
            Drill = Drill(root, people),
            Proof = ProofReader.Read(root, teams),
            Calendars = calendars,
        };
        ReachCheck.Check(root, file, channels.Written);
        root.RefuseOthers();
        return file;

        (string?, string?) Open(string name)
        {
            calendars.Add(name);
            return open(name);
        }
    }

    private static string Signature(Section root)
    {
        if (root.Text("signature") is not { } text)
            return DefaultSignature;
        if (text.Value.Length > MaxSignature || text.Value.Any(c => char.IsControl(c) || c is '【' or '】'))
            root.Fail(text, "signature", $"'{text.Value}': at most {MaxSignature} characters, without 【 and 】, which are put around it");
        return text.Value;
    }

    private static string? Map(Section root)
    {
        if (root.Text("map") is not { } text)
            return null;
        if (!text.Value.Contains("{latitude}", StringComparison.Ordinal) || !text.Value.Contains("{longitude}", StringComparison.Ordinal) || !text.Value.StartsWith("https://", StringComparison.Ordinal))
            root.Fail(text, "map", $"'{text.Value}': an address that begins with https:// and holds {{latitude}} and {{longitude}}");
        return text.Value;
    }

    private static List<TimeOnly> Digest(Section root)
    {
        if (root.Find("digest") is not { } node)
            return [new TimeOnly(8, 0), new TimeOnly(16, 0)];
        var times = new SortedSet<TimeOnly>();
        foreach (var text in root.Texts("digest"))
        {
            if (LocalTime.ParseTime(text.Value) is { } time)
                times.Add(time);
            else
                root.Fail(text, "digest", $"'{text.Value}' is not a time of day; write digest: [\"08:00\", \"16:00\"]");
        }
        if (node is YamlList { Items.Count: 0 })
            root.Fail(node, "digest", "empty, and what waits for it would be told to nobody; write digest: [\"08:00\", \"16:00\"]");
        return [.. times];
    }

    private static List<string> Drill(Section root, IReadOnlyDictionary<string, Person> people)
    {
        var drill = new List<string>();
        foreach (var text in root.Texts("drill"))
        {
            if (PeopleReader.Known(root, text, "drill", people) is { } person)
                drill.Add(person);
        }
        return drill;
    }

    private static string? ReadText(string path, out string text)
    {
        text = "";
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "not UTF-8; save it as UTF-8";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"can't be read ({error.Message}); name a file that this user may read";
        }
    }
}
