using System.CommandLine;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Decoding.Models;

namespace Telemetry.Ingest.Tests.Decoding.Models;

/// <summary>
/// What becomes of a device's bytes, one folder a case: <c>Golden/MODEL/CASE/</c> with <c>frame.hex</c>, <c>options.txt</c> of <c>decode</c> where there are any (a port,
/// a setting of the device), and <c>expected.txt</c>. Where a format names the fields it is a message in <c>payload.txt</c>, and its <c>--format</c> stands among the options. TELEMETRY_GOLDEN=write writes what is expected where it is missing: read it before it is committed.
/// </summary>
public class ModelGoldenTests
{
    private static readonly string Root = Path.Combine(Repository.Root, "tests/Ingest.Tests/Decoding/Models/Golden");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Root).SelectMany(Directory.GetDirectories).Select(folder => Path.GetRelativePath(Root, folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_frame_is_what_its_folder_says(string name)
    {
        var folder = Path.Combine(Root, name);
        var (options, expected, payload) = (Path.Combine(folder, "options.txt"), Path.Combine(folder, "expected.txt"), Path.Combine(folder, "payload.txt"));
        var came = Decode(
        [
            "--model", name.Split('/')[0], "--received", "2026-03-01T00:00:00Z",
            .. File.Exists(payload) ? [payload] : (string[])["--format", "raw", "--hex", File.ReadAllText(Path.Combine(folder, "frame.hex"))],
            .. File.Exists(options) ? File.ReadAllText(options).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [],
        ]);
        if (!File.Exists(expected) && Environment.GetEnvironmentVariable("TELEMETRY_GOLDEN") == "write")
            File.WriteAllText(expected, came);

        Assert.Equal(File.ReadAllText(expected), came);
    }

    [Fact]
    public void Each_shipped_model_that_reads_bytes_has_good_and_bad_cases()
    {
        var models = ModelSet.Load([], null).Models!.All.Where(model => model is { Codec: not null, Families.Count: > 0 });

        Assert.All(models, model =>
        {
            var expected = Directory.GetDirectories(Path.Combine(Root, model.Name)).Select(folder => File.ReadAllText(Path.Combine(folder, "expected.txt"))).ToList();
            Assert.Contains(expected, text => text.Length > 0 && !text.Contains("refused", StringComparison.Ordinal));
            Assert.Contains(expected, text => text.Contains("refused", StringComparison.Ordinal));
        });
    }

    private static string Decode(string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var exitCode = DecodeCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        Assert.Empty(error.ToString());
        Assert.Equal(output.ToString().Contains("refused,", StringComparison.Ordinal) ? 1 : 0, exitCode);
        return output.ToString();
    }
}
