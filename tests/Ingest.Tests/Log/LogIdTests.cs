using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Tests.Log;

public sealed class LogIdTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void It_is_made_once_and_stays()
    {
        var id = LogId.Of(_directory.Path);
        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Equal(id, LogId.Of(_directory.Path));
        Assert.Equal(["id"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Two_logs_have_two()
    {
        using var other = new TempDirectory();
        Assert.NotEqual(LogId.Of(_directory.Path), LogId.Of(other.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdef' OR '1'='1")]
    public void A_file_that_holds_something_else_is_named(string text)
    {
        File.WriteAllText(_directory.File("id"), text);
        Assert.Contains(_directory.File("id"), Assert.Throws<InvalidDataException>(() => LogId.Of(_directory.Path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();
}
