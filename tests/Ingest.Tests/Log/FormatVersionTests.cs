using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>A log that format version 1 wrote, every kind of entry in it, as it came from the program of then.</summary>
public sealed class FormatVersionTests : IDisposable
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests/Ingest.Tests/Log/Golden/version-1");

    private readonly TempDirectory _folder = new();

    public FormatVersionTests()
    {
        foreach (var file in Directory.GetFiles(Golden).Where(file => !file.EndsWith(".txt", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_entry_is_read_as_it_was_written()
    {
        await using var log = Open();
        AssertIsGolden(log);
    }

    [Fact]
    public async Task It_goes_on_in_its_own_version_and_the_next_segments_are_chained_to_it()
    {
        await using (var log = Open())
        {
            var last = log.Committed;
            for (var i = 1; i <= 12; i++)
                Assert.Equal(last + i, await Append(log, Reading(i, padding: 1_500)));
        }
        await using (var log = Open())
        {
            AssertIsGolden(log);
            Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), Sequences(ReadAll(log, 126)));
        }
        var files = Verified();
        Assert.Empty(files.SelectMany(file => file.Damage));
        var chain = new ChainVerification(_folder.Path, new FileSystem()).Run(files, null);
        Assert.Empty(chain.Broken);
        Assert.InRange(chain.Begins!.Value, 126, 130);
        // The last segment of version 1 is what the chain begins with.
        var old = files.Last(file => file.Chain is null);
        Assert.Equal(old.Hash, files[files.IndexOf(old) + 1].Chain!.Value.Before);
    }

    [Fact]
    public void Alone_it_has_no_chain_and_verify_says_so()
    {
        var chain = new ChainVerification(_folder.Path, new FileSystem()).Run(Verified(), null);
        Assert.Null(chain.Begins);
        Assert.Empty(chain.Broken);
    }

    [Fact]
    public void A_version_that_is_not_known_is_named_and_nothing_is_changed()
    {
        var path = Directory.GetFiles(_folder.Path, "*.log").Order(StringComparer.Ordinal).First(file => !file.Contains("kept", StringComparison.Ordinal));
        var bytes = File.ReadAllBytes(path);
        bytes[8] = 3;
        BitConverter.TryWriteBytes(bytes.AsSpan(60), System.IO.Hashing.Crc32.HashToUInt32(bytes.AsSpan(0, 60)));
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains($"{path} has format version 3, this program reads versions up to 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    private static void AssertIsGolden(DurableLog log)
    {
        var lines = File.ReadAllLines(Path.Combine(Golden, "entries.txt"));
        var read = log.ReadKept().Select(entry => ("kept ", entry)).Concat(ReadAll(log).TakeWhile(entry => entry.Position <= 125).Select(entry => ("", entry))).ToList();
        Assert.Equal(lines.Length, read.Count);
        foreach (var (line, (kept, entry)) in lines.Zip(read))
        {
            var (expected, actual) = (line, kept + AnyEntry.Line(entry));
            Assert.Equal(expected[..expected.IndexOf('{', StringComparison.Ordinal)], actual[..actual.IndexOf('{', StringComparison.Ordinal)]);
            AssertHolds(JsonDocument.Parse(expected[expected.IndexOf('{', StringComparison.Ordinal)..]).RootElement, JsonDocument.Parse(actual[actual.IndexOf('{', StringComparison.Ordinal)..]).RootElement);
        }
    }

    /// <summary>Everything that was there then is the same; fields that later versions brought may stand beside it.</summary>
    private static void AssertHolds(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            Assert.Equal(expected.GetRawText(), actual.GetRawText());
            return;
        }
        foreach (var property in expected.EnumerateObject())
            AssertHolds(property.Value, actual.GetProperty(property.Name));
    }

    private List<VerifiedFile> Verified() => [.. new LogVerification(new FileSystem(), _folder.Path, hashes: true).Run(_ => { })];

    private DurableLog Open() => DurableLog.Open(
        _folder.Path, Small with { SegmentSize = 8 << 10 }, new FileSystem(), new LogClock(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.Parse("2026-01-02T00:00:00Z", CultureInfo.InvariantCulture))), NullLogger.Instance);
}
