using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>How long what is kept, as the configuration says it.</summary>
public class LogOptionsTests
{
    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());

    [Theory]
    [InlineData("Log:Keep", "7d", "at least 1 h more than Log:DuplicateWindow, which is 7.00:00:00")]
    [InlineData("Log:DuplicateWindow", "400d", "Log:Keep = 400d: what is sent again is looked up in the log")]
    [InlineData("DeadLetters:Keep", "59m", "a duration of at least 01:00:00")]
    [InlineData("DeadLetters:MaxBytes", "100KiB", "bytes, at least 1048576")]
    [InlineData("DeadLetters:MaxByte", "1GiB", "did you mean DeadLetters:MaxBytes?")]
    public void A_mistake_says_what_would_be_right(string key, string value, string right) => Assert.Contains(right, Assert.Single(Read((key, value)).Errors), StringComparison.Ordinal);

    [Fact]
    public void A_log_that_is_kept_briefly_needs_a_short_duplicate_window()
    {
        var (options, errors) = Read(("Log:Keep", "2h"), ("Log:DuplicateWindow", "1h"), ("DeadLetters:Keep", "30d"), ("DeadLetters:MaxBytes", "16MiB"));
        Assert.Empty(errors);
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(1)), (options.Log.Keep, options.Log.DuplicateWindow));
        Assert.Equal((TimeSpan.FromDays(30), 16L << 20), (options.DeadLetters.Keep, options.DeadLetters.MaxBytes));
    }
}
