using Telemetry.Ingest.Log;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class EventStreamTests
{
    [Fact]
    public async Task Statistics_come_at_once_and_alarms_as_they_change_with_their_place()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await EventReader.OpenAsync(host, "/api/v1/events");
        Assert.Equal("stats", (await stream.NextAsync()).Type);

        var alarm = await host.RaiseAsync(Samples.Alarm("a"));

        var sent = await stream.NextAsync("alarm");
        Assert.Equal($"{alarm.Position}.0", sent.Id);
        Assert.Equal("a", sent.Data.Text("id"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_resumes_after_its_last_event_and_gets_each_later_one_once(bool byHeader)
    {
        await using var host = await ApiHost.StartAsync();
        var first = await host.RaiseAsync(Samples.Alarm("a"));
        await host.RaiseAsync(Samples.Alarm("b"));
        await host.RaiseAsync(Samples.Alarm("c"));

        var place = $"{first.Position}.0";
        using var stream = byHeader
            ? await EventReader.OpenAsync(host, "/api/v1/events", ("Last-Event-ID", place))
            : await EventReader.OpenAsync(host, $"/api/v1/events?after={place}");
        await host.RaiseAsync(Samples.Alarm("d"));

        Assert.Equal("b", (await stream.NextAsync("alarm")).Data.Text("id"));
        Assert.Equal("c", (await stream.NextAsync("alarm")).Data.Text("id"));
        Assert.Equal("d", (await stream.NextAsync("alarm")).Data.Text("id"));
    }

    [Fact]
    public async Task A_transition_that_is_published_but_not_yet_stored_is_not_missed_by_a_client_that_resumes()
    {
        await using var host = await ApiHost.StartAsync();
        host.Feed.Publish(Samples.Transition(41, 0, Samples.Alarm("unstored")));
        using var stream = await EventReader.OpenAsync(host, "/api/v1/events", ("Last-Event-ID", "0.0"));
        Assert.Equal("unstored", (await stream.NextAsync("alarm")).Data.Text("id"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_place_beyond_the_logs_end_is_of_another_log_and_the_stream_begins_as_without_it(bool byHeader)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("before"));
        var beyond = $"{host.Log.Committed + 1}.0";
        using var stream = byHeader
            ? await EventReader.OpenAsync(host, "/api/v1/events", ("Last-Event-ID", beyond))
            : await EventReader.OpenAsync(host, $"/api/v1/events?after={beyond}");
        await stream.NextAsync("stats");

        // At just that position, which a stream that took the place for its own would pass over.
        var next = await host.RaiseAsync(Samples.Alarm("next"));

        var sent = await stream.NextAsync("alarm");
        Assert.Equal((beyond, "next"), ($"{next.Position}.0", sent.Data.Text("id")));
    }

    [Fact]
    public async Task Readings_come_only_of_the_device_that_was_asked_for()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await EventReader.OpenAsync(host, "/api/v1/events?device=PS-1");
        await stream.NextAsync();
        var batch = new EntryBatch();
        batch.Add(Reading("PS-2"));
        batch.Add(Reading("PS-1"));
        await await host.Log.AppendAsync(batch, TestContext.Current.CancellationToken);

        var reading = (await stream.NextAsync("reading")).Data;

        Assert.Equal("PS-1", reading.Text("device"));
        Assert.Equal("2024-11-24T09:20:00.000Z", reading.Text("time"));
        Assert.Equal("""{"channel":"pump_run.1","value":true,"quality":"good"}""", reading.GetProperty("values")[0].GetRawText());
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected_instead_of_kept_in_memory()
    {
        const int published = 100_000;
        await using var host = await ApiHost.StartAsync();
        using var stream = await EventReader.OpenAsync(host, "/api/v1/events");
        await stream.NextAsync();
        for (var position = 1; position <= published; position++)
            host.Feed.Publish(Samples.Transition(position, 0, Samples.Alarm("a")));

        var read = 0;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                await stream.NextAsync();
                read++;
            }
        });

        Assert.InRange(read, 0, published - 1);
    }

    [Fact]
    public async Task A_place_that_cannot_be_read_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Get, "/api/v1/events", headers: ("Last-Event-ID", "abc"));
        Assert.Equal("bad_parameter", answer.Reason());
    }

    private static ReadingEntry Reading(string device) => new(new Reading
    {
        Gateway = "gw",
        Family = "drainage_pump",
        Device = device,
        EventTime = Samples.T0,
        Values = [new ChannelValue("pump_run.1", ValueKind.Boolean, 1, null, Quality.Good)],
    });
}
