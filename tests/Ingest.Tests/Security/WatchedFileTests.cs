using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>The seconds of a watched file, a look at a time.</summary>
public sealed class WatchedFileTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly LogLines _log = new();
    private readonly WatchedFile<string> _watched;

    public WatchedFileTests()
    {
        File.WriteAllText(Path, "one");
        _watched = new WatchedFile<string>([Path], Read, "one", new FakeTimeProvider(), _log.CreateLogger<WatchedFileTests>());
        Looks(2);
    }

    private string Path => _folder.File("file");

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    // What begins with "bad" is wrong.
    private (string?, IReadOnlyList<string>) Read()
    {
        try
        {
            return File.ReadAllText(Path) is var text && text.StartsWith("bad", StringComparison.Ordinal) ? (null, ["it is bad"]) : (text, []);
        }
        catch (IOException error)
        {
            return (null, [error.Message]);
        }
    }

    private void Looks(int count)
    {
        for (var i = 0; i < count; i++)
            _watched.Look();
    }

    [Fact]
    public void A_change_is_taken_once_it_stands_still_for_a_look()
    {
        File.WriteAllText(Path, "half");
        Looks(1);
        Assert.Equal("one", _watched.Current);
        File.WriteAllText(Path, "the whole of it");
        Looks(1);
        Assert.Equal("one", _watched.Current);
        Looks(1);
        Assert.Equal("the whole of it", _watched.Current);
        Assert.Single(_log.All);
    }

    [Fact]
    public void A_wrong_change_is_refused_and_said_once_and_the_next_right_one_taken()
    {
        File.WriteAllText(Path, "bad content");
        Looks(10);
        Assert.Equal("one", _watched.Current);
        Assert.Contains("it is bad", Assert.Single(_log.All), StringComparison.Ordinal);
        File.WriteAllText(Path, "two");
        Looks(2);
        Assert.Equal("two", _watched.Current);
    }

    [Fact]
    public void A_file_that_vanishes_leaves_the_old_content_in_force()
    {
        File.Delete(Path);
        Looks(5);
        Assert.Equal("one", _watched.Current);
        File.WriteAllText(Path, "back");
        Looks(2);
        Assert.Equal("back", _watched.Current);
    }

    [Fact]
    public void A_link_that_is_turned_to_another_file_is_a_change()
    {
        File.WriteAllText(_folder.File("new"), "through the link");
        File.Delete(Path);
        File.CreateSymbolicLink(Path, _folder.File("new"));
        Looks(2);
        Assert.Equal("through the link", _watched.Current);
    }
}
