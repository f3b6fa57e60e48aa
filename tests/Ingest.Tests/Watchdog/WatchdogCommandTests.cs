using Telemetry.Ingest.Commands;

namespace Telemetry.Ingest.Tests.Watchdog;

public sealed class WatchdogCommandTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--command true", "4 characters; at least 32")]
    [InlineData("--command true --listen here", "--listen here: an address and a port")]
    [InlineData("", "nobody would be woken: give --command, --serial or --sms-to")]
    [InlineData("--serial /dev/null", "--serial and --serial-on go together")]
    [InlineData("--serial /dev/null --serial-on xyz", "--serial-on xyz: bytes in hex, such as a00101a2")]
    [InlineData("--sms-to none", "--sms-to none: a number such as +8613800138000")]
    [InlineData("--sms-to +8613800138000", "--sms-to: no provider")]
    [InlineData("--command true --service ftp://here", "--service ftp://here:")]
    [InlineData("--command true --gateway a/b", "--gateway a/b: 1-64 characters")]
    public async Task What_is_wrong_is_said_at_once_with_what_would_be_right(string arguments, string wrong)
    {
        await File.WriteAllTextAsync(_folder.File("key"), "abcd\n");
        using var error = new StringWriter();
        using var output = new StringWriter();
        var code = await WatchdogCommand.Create().Parse(["--key-file", _folder.File("key"), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).InvokeAsync(new() { Output = output, Error = error });
        Assert.Equal(2, code);
        Assert.Contains(wrong, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }
}
