using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>The file of Notify:File and its calendars, changed while the service runs.</summary>
public sealed class NotifySourceTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_calendar_that_a_changed_file_names_is_followed_though_it_comes_later_and_changes_again()
    {
        using var source = await StartAsync(Files.Small, new ChannelOptions());
        Write("notify.yaml", Files.Small.Replace("people: [wang, li]", "ical: december.ics", StringComparison.Ordinal));
        await LookAsync(() => false);
        Write("december.ics", Duty("li"));
        await LookAsync(() => OnCall(source) == "li");
        Write("december.ics", Duty("wang "));
        await LookAsync(() => OnCall(source) == "wang");

        Assert.Equal("wang", OnCall(source));
    }

    [Fact]
    public async Task A_changed_file_whose_channels_are_not_configured_is_refused_as_at_start()
    {
        var voice = Delivery.Letters.Provider(new Uri("http://127.0.0.1:9/"));
        using var source = await StartAsync(Files.Small, new ChannelOptions { Sms = voice });
        Write("notify.yaml", Files.Small + "\nchannels: {high: [push]}\n");
        await LookAsync(() => false);

        Assert.Equal([MessageChannel.Sms, MessageChannel.Mail], source.Current!.Channels[Telemetry.Rules.Families.Severity.High]);
    }

    private static string? OnCall(NotifySource source) => source.Current!.Team("duty")!.At(Files.At("2026-12-05 12:00")).Person;

    private static string Duty(string person) => $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20270101\r\nSUMMARY:{person}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    private async Task<NotifySource> StartAsync(string text, ChannelOptions channels)
    {
        Write("notify.yaml", text);
        var source = new NotifySource(Files.Right(text), new ServiceOptions { NotifyFile = _directory.File("notify.yaml"), Channels = channels }, new FamilyCatalog(Files.Families.All), _time, NullLogger<NotifySource>.Instance);
        await source.StartAsync(TestContext.Current.CancellationToken);
        return source;
    }

    private void Write(string name, string text) => File.WriteAllText(_directory.File(name), text);

    /// <summary>Ten looks at the files, or fewer.</summary>
    private async Task LookAsync(Func<bool> until)
    {
        for (var i = 0; i < 10 && !until(); i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            // The look is another thread's.
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
