using System.Text.RegularExpressions;

namespace Telemetry.EndToEnd.Tests;

/// <summary>SECURITY.md promises tests: they are there.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "SECURITY.md"));

    [Fact]
    public void Every_test_that_it_names_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file)).Select(method => $"{Path.GetFileNameWithoutExtension(file)}.{method.Groups["name"].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var named = Named().Matches(Document).Select(name => name.Groups["name"].Value).ToList();
        Assert.NotEmpty(named);
        Assert.Subset(tests, named.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_attack_and_every_threat_names_its_test()
    {
        var rows = Document.Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal) && !line.StartsWith("| arrow", StringComparison.Ordinal) && !line.StartsWith("| # ", StringComparison.Ordinal)).ToList();
        Assert.True(rows.Count(row => char.IsDigit(row[2])) >= 60);
        Assert.All(rows, row => Assert.Matches(Named(), row));
    }

    [GeneratedRegex(@"public (?:async )?(?:Task|void) (?<name>\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"`(?<name>\w+Tests\.\w+)`")]
    private static partial Regex Named();
}
