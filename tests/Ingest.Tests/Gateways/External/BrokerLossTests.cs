using Telemetry.Ingest.Gateways.External;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>A broker that is not there, goes, forgets, or does not let us in.</summary>
public sealed class BrokerLossTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_broker_that_is_not_there_is_named_once_and_found_when_it_comes()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        await broker.StopAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await Wait.ForAsync("two attempts", () => link.Failures(BrokerFailure.Refused) >= 2);
        Assert.Contains("refused", link.Broker.WhyNot, StringComparison.Ordinal);
        Assert.Single(link.Lines, line => line.StartsWith("Broker, readings: no connection", StringComparison.Ordinal));

        await broker.RestartAsync();
        await link.ConnectedAsync();
        await ReadingsLinkTests.PublishAsync(broker.Port, 1, 1);
        await link.ValuesAsync(1);
    }

    [Fact]
    public async Task The_log_knows_when_the_broker_is_lost_and_when_it_is_back()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();

        await broker.StopAsync();
        await link.Log.UntilAsync(log => log.Entries.OfType<SystemEntry>().Any());
        Assert.Equal([("broker_lost", true)], link.SystemEntries);
        Assert.Contains("refused", link.Log.Entries.OfType<SystemEntry>().Single().Detail, StringComparison.Ordinal);

        await broker.RestartAsync();
        await link.Log.UntilAsync(log => log.Entries.OfType<SystemEntry>().Count() == 2);
        Assert.Equal([("broker_lost", true), ("broker_lost", false)], link.SystemEntries);
    }

    [Fact]
    public async Task A_loss_that_the_log_still_knows_of_ends_with_the_connection()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory, lost: true);

        await link.Log.UntilAsync(log => log.Entries.OfType<SystemEntry>().Any());

        Assert.Equal([("broker_lost", false)], link.SystemEntries);
    }

    [Fact]
    public async Task A_session_that_the_broker_has_lost_is_counted_announced_and_subscribed_again()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();

        await broker.CrashAndRestartAsync();
        await Wait.ForAsync("connected again", () => link.Broker.Readings.Reconnects == 1);

        // A broker that is slow to start is lost itself for a while.
        Assert.Equal([("session_lost", true), ("session_lost", false)], link.SystemEntries.Where(entry => entry.Rule != "broker_lost"));
        Assert.Equal(1, link.Broker.Readings.SessionsLost);
        await ReadingsLinkTests.PublishAsync(broker.Port, 1, 1);
        await link.ValuesAsync(1);
    }

    [Fact]
    public async Task A_session_lost_while_the_service_was_away_is_noticed_too_but_not_one_of_another_broker()
    {
        using var broker = await Mosquitto.StartAsync();
        using var other = await Mosquitto.StartAsync();
        await using (var link = new TestLink(broker.Port, _directory))
            await link.ConnectedAsync();
        await broker.CrashAndRestartAsync();

        await using (var again = new TestLink(broker.Port, _directory))
        {
            await again.ConnectedAsync();
            Assert.Equal([("session_lost", true), ("session_lost", false)], again.SystemEntries);
        }
        await using var elsewhere = new TestLink(other.Port, _directory);
        await elsewhere.ConnectedAsync();
        Assert.Empty(elsewhere.SystemEntries);
    }

    [Fact]
    public async Task A_broker_restarted_under_load_loses_nothing_that_it_acknowledged()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();
        var acknowledged = new List<double>();
        var next = 1;
        async Task LoadAsync(int messages)
        {
            using var client = new RawClient(broker.Port);
            await client.ConnectAsync("load");
            for (var i = 0; i < messages; i++)
            {
                var value = next++;
                try
                {
                    await client.SendAsync(client.Publish(1, (ushort)value, RawClient.Value(value)));
                }
                catch (IOException)
                {
                    return;
                }
                if (await client.TryReceiveIdAsync(RawClient.PubAck) is null)
                    return;
                acknowledged.Add(value);
            }
        }
        for (var round = 0; round < 3; round++)
        {
            var load = LoadAsync(20_000);
            var goal = acknowledged.Count + 500;
            await Wait.ForAsync("some load", () => acknowledged.Count >= goal);
            await broker.StopAsync();
            await load;
            await broker.RestartAsync();
            await Wait.ForAsync("connected again", () => link.Broker.Readings.Reconnects == round + 1);
        }
        await LoadAsync(500);

        await link.Log.UntilAsync(log => log.Values.Contains(acknowledged[^1]));
        Assert.Empty(acknowledged.Except(link.Log.Values));
        Assert.Equal(0, link.Broker.Readings.SessionsLost);
        Assert.Equal(3, link.Broker.Readings.Reconnects);
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_a_right_one_is_taken_without_a_restart()
    {
        var passwords = _directory.File("passwords");
        await File.WriteAllTextAsync(passwords, "");
        await Tool.RunAsync("mosquitto_passwd", "-b", passwords, "telemetry", "right");
        using var broker = await Mosquitto.StartAsync(_ => $"allow_anonymous false\npassword_file {passwords}\n");
        var secret = _directory.File("secret");
        await File.WriteAllTextAsync(secret, "wrong\n");
        await using var link = new TestLink(broker.Port, _directory, with: options => options with { User = "telemetry", PasswordFile = secret });

        await Wait.ForAsync("two attempts", () => link.Failures(BrokerFailure.NotAuthorized) >= 2);
        Assert.Contains("PasswordFile", link.Broker.WhyNot, StringComparison.Ordinal);
        Assert.Single(link.Lines, line => line.StartsWith("Broker, readings: no connection", StringComparison.Ordinal));
        Assert.DoesNotContain(link.Lines, line => line.Contains("wrong\n", StringComparison.Ordinal));

        await File.WriteAllTextAsync(secret, "right\n");
        await link.ConnectedAsync();
    }

    [Fact]
    public async Task Another_client_of_the_same_name_is_named_where_the_broker_says_so()
    {
        // Mosquitto only closes; the embedded broker gives the reason. It lets alarms alone be subscribed to.
        await using var broker = await TestBroker.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await Wait.ForAsync("connected", () => link.Broker.Alarms.DownFor == TimeSpan.Zero);
        await link.FailedAsync(BrokerFailure.Subscription);

        using var thief = broker.Raw();
        await thief.ConnectAsync("telemetry-alarms", version5: true);

        await Wait.ForAsync("named", () => link.Broker.Alarms.Failures.Any(pair => pair.Key == BrokerFailure.TakenOver));
    }

    [Fact]
    public async Task A_broker_that_says_nothing_any_more_is_left()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory, with: options => options with { KeepAlive = TimeSpan.FromSeconds(2) });
        await link.ConnectedAsync();

        broker.Freeze();
        await link.FailedAsync(BrokerFailure.Silent);
        broker.Thaw();

        await link.ConnectedAsync();
        Assert.Equal(0, link.Broker.Readings.SessionsLost);
    }

    [Fact]
    public async Task A_line_that_dies_without_a_word_is_left_and_what_the_broker_has_sent_into_it_comes_again()
    {
        using var broker = await Mosquitto.StartAsync();
        using var gate = new TcpGate(broker.Port);
        await using var link = new TestLink(gate.Port, _directory, with: options => options with { KeepAlive = TimeSpan.FromSeconds(1) });
        await link.ConnectedAsync();

        gate.Fault = LineFault.HalfOpen;
        await ReadingsLinkTests.PublishAsync(broker.Port, 1, 100);
        await link.FailedAsync(BrokerFailure.Silent);
        Assert.Empty(link.Log.Values);
        gate.Fault = LineFault.None;

        await link.ValuesAsync(100);
        Assert.Equal(ReadingsLinkTests.Numbers(1, 100), link.Log.Values);
        Assert.Equal(0, link.Broker.Readings.SessionsLost);
    }

    [Fact]
    public async Task A_log_that_takes_nothing_is_no_reason_to_leave()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        var blocked = new TaskCompletionSource();
        var log = new RecordingLog();
        async ValueTask<Task<long>> AppendAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
        {
            await blocked.Task.WaitAsync(cancellationToken);
            return await log.AppendAsync(entries, cancellationToken);
        }
        // The broker leaves who is silent for half as long again: a machine that stands still for a while must not be taken for that.
        await using var link = new TestLink(relay.Port, _directory, log, AppendAsync, with: options => options with { KeepAlive = TimeSpan.FromSeconds(5) });
        await link.ConnectedAsync();

        await ReadingsLinkTests.PublishAsync(broker.Port, 1, 100);
        // Longer than anybody would wait for a word of it.
        var signs = Signs();
        await Wait.ForAsync("four signs of life", () => Signs() >= signs + 4);
        // An alarm does not wait behind them.
        Assert.True(await link.Broker.PublishAsync("alarms/v1/_/system/telemetry/log_unwritable", "{}"u8.ToArray(), true, TestContext.Current.CancellationToken));
        blocked.SetResult();

        await link.ValuesAsync(100);
        Assert.Equal(ReadingsLinkTests.Numbers(1, 100), log.Values);
        Assert.Equal(0, link.Broker.Readings.Reconnects);
        Assert.Empty(link.Broker.Readings.Failures);

        int Signs() => relay.Sent[0].Count(kind => kind == Relay.PingReq);
    }
}
