using System.Globalization;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;
using YamlDotNet.RepresentationModel;

namespace Telemetry.Rules.Tests.Families;

/// <summary>
/// Timelines of families that came as data alone: <c>Timelines/FAMILY.yaml</c> with <c>rungs</c>, rows of <see cref="Rung"/>, and <c>stories</c>: which devices there
/// are, what they send when, and what is told of it.
/// </summary>
public sealed class WrittenTimelines
{
    private const string DefaultDevice = "d";

    private static readonly string Folder = Path.Combine(RulesPageTests.Root(), "tests/Rules.Tests/Families/Timelines");

    private static readonly IReadOnlyDictionary<string, YamlMappingNode> Files = Directory.GetFiles(Folder, "*.yaml").Order(StringComparer.Ordinal)
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => (YamlMappingNode)Load(file));

    public static TheoryData<string, string> RungNames => Named(family => RungsOf(family).Select(rung => rung.ToString()));

    public static TheoryData<string, string> StoryTitles => Named(family => List(Files[family], "stories").Select(story => Text(story, "title")!));

    /// <summary>The rules that the files tell of, with their family.</summary>
    internal static IEnumerable<string> Shown => Files.Keys.SelectMany(family => RungsOf(family).Select(rung => rung.Rule).Concat(List(Files[family], "stories").Select(story => Text(story, "shows")!)).Select(rule => $"{family}/{rule}"));

    [Theory]
    [MemberData(nameof(RungNames))]
    public void Limit_deadband_and_delays_of(string family, string rung) => Rung.Run(family, RungsOf(family), rung);

    [Theory]
    [MemberData(nameof(StoryTitles))]
    public void What_is_told_when(string family, string title)
    {
        var story = List(Files[family], "stories").Single(each => Text(each, "title") == title);
        using var timeline = new Timeline(FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text);
        timeline.At(0);
        foreach (var device in DevicesOf(story))
            timeline.Register(new Device { Id = device, Family = family, Gateway = "gw", Parent = Text(story, "parent"), Street = Text(story, "street"), District = "East", Settings = Settings(Text(story, "settings")) });
        foreach (var (at, device, values) in Sent(story))
            timeline.TicksTo(at).Reading(device, values, family: family);
        timeline.TicksTo(Number(story, "until"));

        Assert.Equal(
            ((YamlSequenceNode)story["tells"]).Select(line => ((YamlScalarNode)line).Value),
            timeline.Transitions.Where(transition => transition.Alarm.Rule == Text(story, "shows") && transition.Cause is not ("re_sounded" or "response_overdue")).Select(Line));
    }

    /// <summary>Hours stand in it: <c>1:25:00 d cod_high ActiveUnacknowledged High raised</c>.</summary>
    private static string Line(AlarmTransition transition)
    {
        var (alarm, at) = (transition.Alarm, TimeSpan.FromMilliseconds(transition.At - Timeline.Zero));
        return string.Create(CultureInfo.InvariantCulture, $"{at:h\\:mm\\:ss} {alarm.Device} {alarm.Rule}{(alarm.Instance is { } instance ? $"/{instance}" : "")} {transition.To} {alarm.Severity} {transition.Cause}");
    }

    /// <summary>In order of time; of one moment in the order of the file, and of the devices.</summary>
    private static IEnumerable<(double At, string Device, string Values)> Sent(YamlMappingNode story) => List(story, "sent")
        .SelectMany(line => Times(line).SelectMany(at => (Text(line, "device") is { } one ? [one] : DevicesOf(story)).Select(device => (At: at, device, Text(line, "values")!))))
        .OrderBy(each => each.At);

    private static IEnumerable<double> Times(YamlMappingNode line)
    {
        if (Text(line, "at") is not null)
            return [Number(line, "at")];
        var (from, to, every) = (Number(line, "from"), Number(line, "to"), Number(line, "every"));
        return Enumerable.Range(0, (int)((to - from) / every) + 1).Select(step => from + (step * every));
    }

    private static string[] DevicesOf(YamlMappingNode story) => Text(story, "devices")?.Split(' ') ?? [DefaultDevice];

    private static Dictionary<string, string> Settings(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    private static IReadOnlyList<Rung> RungsOf(string family) =>
    [
        .. List(Files[family], "rungs").Select(row => new Rung(Text(row, "rule")!, Text(row, "is")!, Text(row, "quiet")!, Text(row, "raises")!, (int)Number(row, "on"), Text(row, "clears") ?? "", (int)Number(row, "off"))
        {
            Keeps = Text(row, "keeps"),
            Over = Text(row, "over"),
            Also = Text(row, "also"),
            Settings = Text(row, "settings"),
            Every = Text(row, "every") is null ? 10 : (int)Number(row, "every"),
            Latched = Text(row, "latched") == "true",
            Before = Text(row, "before"),
            Settle = (int)Number(row, "settle"),
        }),
    ];

    private static TheoryData<string, string> Named(Func<string, IEnumerable<string>> namesOf)
    {
        var names = new TheoryData<string, string>();
        foreach (var (family, name) in Files.Keys.SelectMany(family => namesOf(family).Select(name => (family, name))))
            names.Add(family, name);
        return names;
    }

    private static YamlNode Load(string file)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(file);
        yaml.Load(reader);
        return Assert.Single(yaml.Documents).RootNode;
    }

    private static IEnumerable<YamlMappingNode> List(YamlMappingNode of, string key) => of.Children.TryGetValue(key, out var list) ? ((YamlSequenceNode)list).Cast<YamlMappingNode>() : [];

    private static string? Text(YamlMappingNode of, string key) => of.Children.TryGetValue(key, out var text) ? ((YamlScalarNode)text).Value : null;

    /// <summary>Seconds; 0 where it is missing.</summary>
    private static double Number(YamlMappingNode of, string key) => Text(of, key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0;
}
