using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>How long what is kept, as the configuration says it.</summary>
public class LogOptionsTests
{
    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());

    [Theory]
    [InlineData("Log:DuplicateWindow", "400d", "Log:DuplicateWindow = 400d: at least 1 h less than Log:Keep, which is 400.00:00:00")]
    [InlineData("DeadLetters:Keep", "59m", "a duration of at least 01:00:00")]
    [InlineData("DeadLetters:MaxBytes", "100KiB", "bytes, at least 1048576")]
    [InlineData("Data:AlmostFull", "2GiB", "less than Data:Low, which is 2147483648")]
    [InlineData("Data:Low", "0", "bytes, at least 1048576")]
    [InlineData("DeadLetters:MaxByte", "1GiB", "did you mean DeadLetters:MaxBytes?")]
    public void A_mistake_says_what_would_be_right(string key, string value, string right) => Assert.Contains(right, Assert.Single(Read((key, value)).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("90m", 30)]
    [InlineData("7d", (7 * 24 * 60) - 60)]
    [InlineData("8d", 7 * 24 * 60)]
    public void A_log_that_is_kept_briefly_has_a_short_duplicate_window(string keep, int minutes)
    {
        var (options, errors) = Read(("Log:Keep", keep));
        Assert.Empty(errors);
        Assert.Equal(TimeSpan.FromMinutes(minutes), options.Log.DuplicateWindow);
    }

    [Fact]
    public void Both_may_be_said()
    {
        var (options, errors) = Read(("Log:Keep", "2h"), ("Log:DuplicateWindow", "1h"), ("DeadLetters:Keep", "30d"), ("DeadLetters:MaxBytes", "16MiB"));
        Assert.Empty(errors);
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(1)), (options.Log.Keep, options.Log.DuplicateWindow));
        Assert.Equal((TimeSpan.FromDays(30), 16L << 20), (options.DeadLetters.Keep, options.DeadLetters.MaxBytes));
    }
}
