using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>
/// What a format makes of a message, one folder a case: <c>Golden/FORMAT/CASE/</c> with the message (<c>payload.json</c>, <c>.txt</c> or <c>.hex</c>; of several
/// messages each, in the order of their names) and <c>expected.txt</c>; <c>topic.txt</c> and <c>route.txt</c> where they matter. TELEMETRY_GOLDEN=write writes what is
/// expected where it is missing: read it before it is committed.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenCase.All.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_is_what_its_folder_says(string name)
    {
        var golden = GoldenCase.Find(name);
        var came = ReportText.Of(golden);
        if (golden.Expected is null && Environment.GetEnvironmentVariable("TELEMETRY_GOLDEN") == "write")
            File.WriteAllText(Path.Combine(golden.Folder, "expected.txt"), came);

        Assert.Equal(golden.Expected, came);
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void Each_format_has_good_and_malformed_cases(string format)
    {
        var expected = GoldenCase.All.Where(each => each.Format == format).Select(each => each.Expected!).ToList();

        Assert.Contains(expected, text => !text.Contains("refused", StringComparison.Ordinal));
        Assert.True(expected.Count(text => text.Contains("refused", StringComparison.Ordinal)) >= 10, $"{format}: fewer than ten malformed cases");
    }

    public static TheoryData<string> FormatNames => [.. PayloadFormats.Names.Where(name => name != "raw")];
}
