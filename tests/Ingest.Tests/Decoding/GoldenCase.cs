using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>One folder beneath <c>Golden/FORMAT</c>.</summary>
internal sealed class GoldenCase
{
    private static readonly string Root = Path.Combine(Repository.Root, "tests/Ingest.Tests/Decoding/Golden");

    private GoldenCase(string folder)
    {
        Folder = folder;
        Name = Path.GetRelativePath(Root, folder);
        Format = Name.Split('/')[0];
        Topic = Text("topic.txt")?.Trim() ?? "golden/x";
        Expected = Text("expected.txt");
        var files = Directory.GetFiles(folder).Where(IsPayload).Order(StringComparer.Ordinal).ToList();
        Payloads = [.. files.Select(Payload)];
        Topics = [.. files.Select(file => Text(Path.GetFileNameWithoutExtension(file) + ".topic")?.Trim() ?? Topic)];
        Route = TopicPattern.Parse(Text("route.txt")?.Trim() ?? Topics[0].Split('/')[0] + "/#", out _)!;
    }

    public static IReadOnlyList<GoldenCase> All { get; } =
        [.. Directory.GetDirectories(Root).SelectMany(Directory.GetDirectories).Order(StringComparer.Ordinal).Select(folder => new GoldenCase(folder))];

    public string Folder { get; }

    /// <summary><c>FORMAT/CASE</c>.</summary>
    public string Name { get; }

    public string Format { get; }

    public string Topic { get; }

    public TopicPattern Route { get; }

    /// <summary>Null before it is written.</summary>
    public string? Expected { get; }

    public IReadOnlyList<byte[]> Payloads { get; }

    /// <summary>Of each message: <c>NAME.topic</c> beside it, or the case's.</summary>
    public IReadOnlyList<string> Topics { get; }

    public static GoldenCase Find(string name) => All.Single(each => each.Name == name);

    private static bool IsPayload(string file) => Path.GetFileName(file) is not ("topic.txt" or "route.txt" or "expected.txt") && Path.GetExtension(file) != ".topic";

    private static byte[] Payload(string file) => Path.GetExtension(file) switch
    {
        ".hex" => Convert.FromHexString(string.Concat(File.ReadAllText(file).Where(c => !char.IsWhiteSpace(c)))),
        // The line end that editors add is not part of the message.
        ".txt" => Encoding.UTF8.GetBytes(File.ReadAllText(file).TrimEnd('\n')),
        _ => File.ReadAllBytes(file),
    };

    private string? Text(string file) => Path.Combine(Folder, file) is var path && File.Exists(path) ? File.ReadAllText(path) : null;
}
