using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Notify.Delivery;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

public sealed class ToldTableTests
{
    [Fact]
    public async Task What_one_node_has_told_is_known_to_the_next_unless_it_would_say_more()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile)).Trim()};Timeout=30");
        await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
        // Again, as each node does at its start.
        await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
        ToldTable first = new(postgres, "city", "127.0.0.1:1"), second = new(postgres, "city", "127.0.0.1:2"), elsewhere = new(postgres, "country", "127.0.0.1:3");
        var told = Letters.Delivery(MessageKind.Call, "sms");

        Assert.False(await second.HasAsync(told, CancellationToken.None));
        await first.AddAsync(told, 1_000, CancellationToken.None);
        Assert.True(await second.HasAsync(told, CancellationToken.None));
        Assert.False(await elsewhere.HasAsync(told, CancellationToken.None));
        Assert.False(await second.HasAsync(told with { Receiver = "webhook" }, CancellationToken.None));

        // Under the same key, with a place that the other one did not know of yet.
        var more = told with { Message = told.Message with { Places = [.. told.Message.Places, Letters.Message(2).Places[0]] } };
        Assert.False(await second.HasAsync(more, CancellationToken.None));
        await second.AddAsync(more, 2_000, CancellationToken.None);
        Assert.True(await first.HasAsync(more, CancellationToken.None));
        Assert.True(await first.HasAsync(told, CancellationToken.None));

        // All at once: of five deliveries those of which everything has been said.
        var other = Letters.Delivery(MessageKind.Call, "sms") with { Message = Letters.Message(3) };
        var later = told with { Message = told.Message with { Places = [.. more.Message.Places, Letters.Message(4).Places[0]] } };
        Assert.Equal([told, more], await second.OfAsync([told, other, more, told with { Receiver = "webhook" }, later], CancellationToken.None));
        Assert.Empty(await second.OfAsync([], CancellationToken.None));
        Assert.Empty(await elsewhere.OfAsync([told, more], CancellationToken.None));

        await first.PruneAsync(1_500, CancellationToken.None);
        Assert.False(await first.HasAsync(told, CancellationToken.None));
        await server.CrashAsync();
        await Assert.ThrowsAsync<IOException>(() => first.HasAsync(told, CancellationToken.None));
    }

    [Fact]
    public async Task Without_PostgreSQL_people_are_told_all_the_same_and_the_others_learn_of_it_once_it_is_back()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile)).Trim()};Timeout=30");
        await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
        await using var provider = await Receiver.StartAsync();
        using var directory = new TempDirectory();
        using var http = new HttpCaller([]);
        using var outbox = OutboxDatabase.Open(directory.File("notify.db"));
        ToldTable told = new(postgres, "city", "127.0.0.1:1"), elsewhere = new(postgres, "city", "127.0.0.1:2");
        var answers = new AnswerTable(postgres, "city");
        var sender = new ChannelSender(new ProviderChannel("sms", Letters.Provider(provider.Url), envelope => envelope.Text.Sms(envelope.Code), http), outbox, Letters.Of, Now, new DeliveryStats(), _ => { }, TimeProvider.System, NullLogger.Instance)
        {
            Told = told,
            Answers = answers,
        };
        await server.CrashAsync();
        outbox.Commit("log", 1, [Letters.Message(1, MessageKind.Call).For("sms")], []);
        var delivery = Assert.Single(outbox.Due("sms", Now(), 10));
        sender.Look(CancellationToken.None);
        await sender.UnderWayAsync();
        Assert.Equal(delivery.Message.Key, Assert.Single(provider.Taken).Key);
        Assert.Equal(("sent", OutboxDatabase.Owed), Assert.Single(outbox.OfAlarm(delivery.Message.Places[0].Alarm.Id).Select(attempt => (attempt.Result, attempt.Detail))));
        await Assert.ThrowsAsync<IOException>(() => NotifyService.PayAsync(outbox, told, answers, CancellationToken.None));

        await server.StartAgainAsync();
        Assert.False(await elsewhere.HasAsync(delivery, CancellationToken.None));
        await NotifyService.PayAsync(outbox, told, answers, CancellationToken.None);
        Assert.True(await elsewhere.HasAsync(delivery, CancellationToken.None));
        Assert.Equal(delivery.Message.Key, (await answers.ByCodeAsync("wang", delivery.Code, CancellationToken.None))!.Message.Key);
        Assert.Empty(outbox.OwedDeliveries(10));
        Assert.Equal(("sent", null), Assert.Single(outbox.OfAlarm(delivery.Message.Places[0].Alarm.Id).Select(attempt => (attempt.Result, attempt.Detail))));

        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }
}
