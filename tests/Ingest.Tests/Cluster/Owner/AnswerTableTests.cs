using Npgsql;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Notify.Delivery;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

public sealed class AnswerTableTests
{
    [Fact]
    public async Task The_nodes_agree_on_link_and_code_of_a_message_and_no_other_of_the_same_person_has_that_code()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile, TestContext.Current.CancellationToken)).Trim()};Timeout=30");
        await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
        AnswerTable first = new(postgres, "city"), second = new(postgres, "city"), elsewhere = new(postgres, "country");
        Message one = Letters.Message(1), two = Letters.Message(2), of = Letters.Message(3, recipient: "li");

        Assert.Equal(("4711", "aaa"), await first.AgreeAsync(one, "4711", "aaa", CancellationToken.None));
        Assert.Equal(("4711", "aaa"), await second.AgreeAsync(one, "0815", "bbb", CancellationToken.None));
        Assert.Equal(("4712", "ccc"), await second.AgreeAsync(two, "4711", "ccc", CancellationToken.None));
        Assert.Equal(("4711", "ddd"), await second.AgreeAsync(of, "4711", "ddd", CancellationToken.None));

        Assert.Equal(one.Key, (await second.ByLinkAsync("aaa", CancellationToken.None))!.Message.Key);
        Assert.Null(await second.ByLinkAsync("bbb", CancellationToken.None));
        Assert.Null(await elsewhere.ByLinkAsync("aaa", CancellationToken.None));
        Assert.Equal(two.Key, (await first.ByCodeAsync("wang", "4712", CancellationToken.None))!.Message.Key);
        Assert.Equal("ddd", (await first.ByKeyAsync("li", of.Key, CancellationToken.None))!.Link);
        Assert.Null(await first.ByKeyAsync("wang", of.Key, CancellationToken.None));

        // A person's call and the program's copy of it go out in the same moment.
        foreach (var number in Enumerable.Range(10, 500))
        {
            var message = Letters.Message(number);
            var agreed = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => first.AgreeAsync(message, $"{number:D4}", $"link-{number}", CancellationToken.None))));
            Assert.All(agreed, each => Assert.Equal(($"{number:D4}", $"link-{number}"), each));
        }

        await first.PruneAsync(long.MaxValue, CancellationToken.None);
        Assert.Null(await first.ByLinkAsync("aaa", CancellationToken.None));
        await server.CrashAsync();
        await Assert.ThrowsAsync<IOException>(() => first.ByLinkAsync("aaa", CancellationToken.None));
    }

    [Fact]
    public void A_node_knows_by_itself_what_it_has_sent_and_takes_nobody_elses_code_for_it()
    {
        using var directory = new TempDirectory();
        using var outbox = OutboxDatabase.Open(directory.File("notify.db"));
        outbox.Commit("log", 1, [Letters.Message(1).For("sms")], []);
        var message = outbox.Due("sms", long.MaxValue, 1)[0];
        Assert.Null(outbox.BySentCode("wang", message.Code));
        outbox.Agree(message.Message, "4711", "aaa");
        Assert.Equal(message.Message.Key, outbox.BySentCode("wang", "4711")!.Message.Key);
        Assert.Equal(message.Message.Key, outbox.ByLink("aaa")!.Message.Key);
        Assert.Null(outbox.ByLink(message.Link));
    }
}
