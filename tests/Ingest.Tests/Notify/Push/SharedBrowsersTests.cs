using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Cluster.Owner;
using Telemetry.Ingest.Tests.Notify.Delivery;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Notify.Push;

/// <summary>Browsers of nodes that share them in a real PostgreSQL, told by a push service of ours.</summary>
public sealed class SharedBrowsersTests : IClassFixture<SharedServer>, IDisposable
{
    private readonly SharedServer _server;
    private readonly TempDirectory _directory = new();
    private readonly PushKey _key;

    public SharedBrowsersTests(SharedServer server) => (_server, _key) = (server, PushKey.Open(_directory.Path, null));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_browser_that_subscribed_at_one_node_is_told_by_the_other_and_one_that_is_gone_there_is_gone_at_all()
    {
        var status = StatusCodes.Status201Created;
        await using var service = await PushServer.StartAsync(context => context.Response.StatusCode = status);
        using Node one = Join("told"), other = Join("told");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        var endpoint = new Uri(service.Url, "sub/1").AbsoluteUri;
        one.Subscribe("wang", endpoint);
        await one.ReadAsync();
        await other.ReadAsync();
        Assert.Equal("wang", other.Browsers.PersonOf(endpoint));

        using (var channel = other.Channel(service.Url))
        {
            Assert.Equal(Outcome.Sent, await channel.SendAsync(Letters.Of(Letters.Message(1)), CancellationToken.None));
            var pushed = Assert.Single(service.All);
            Assert.NotEmpty(one.Browser.Decrypt(pushed.Body));
            status = StatusCodes.Status410Gone;
            await channel.SendAsync(Letters.Of(Letters.Message(2)), CancellationToken.None);
        }
        await other.ReadAsync();
        await one.ReadAsync();
        Assert.Empty(one.Browsers.Of("wang"));
    }

    [Fact]
    public async Task The_first_node_brings_what_it_had_a_new_one_takes_what_the_others_have_and_a_sixth_browser_is_in_the_place_of_the_oldest()
    {
        using Node one = Join("begin"), other = Join("begin");
        one.Subscribe("wang", "https://push.example.com/1");
        other.Subscribe("li", "https://push.example.com/li");
        other.Subscribe("wang", "https://push.example.com/of-another-life");
        await one.ReadAsync(isFirst: true);
        using (Node late = Join("begin"))
        {
            await late.ReadAsync(isFirst: true);
            Assert.Equal(["https://push.example.com/1"], late.Endpoints("wang"));
        }
        // What it took while it knew of nobody counts too.
        await other.ReadAsync(isFirst: true);
        await one.ReadAsync();
        Assert.Equal(["https://push.example.com/1", "https://push.example.com/of-another-life"], one.Endpoints("wang"));
        for (var number = 2; number <= Browsers.MostOfAPerson; number++)
            other.Subscribe("wang", $"https://push.example.com/{number}");
        await other.ReadAsync();
        await one.ReadAsync();
        Assert.Equal(Browsers.MostOfAPerson, one.Endpoints("wang").Count);
        Assert.DoesNotContain("https://push.example.com/1", one.Endpoints("wang"));
        Assert.Equal(one.Endpoints("wang"), other.Endpoints("wang"));
    }

    [Fact]
    public async Task Who_has_left_the_file_has_no_browser_at_any_node_though_another_one_gets_the_same_id()
    {
        using Node one = Join("left"), other = Join("left");
        await one.ReadAsync(isFirst: true);
        one.Subscribe("wang", "https://push.example.com/1");
        one.Subscribe("li", "https://push.example.com/2");
        await one.ReadAsync();
        // A node that starts with the new file, before the others do.
        using Node next = Join("left", "li");
        await next.ReadAsync(isFirst: true);
        await next.ReadAsync();
        await other.ReadAsync(isFirst: true);
        await one.ReadAsync();
        Assert.Empty(other.Endpoints("wang"));
        Assert.Empty(one.Endpoints("wang"));
        Assert.Equal(["https://push.example.com/2"], one.Endpoints("li"));
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_a_browser_is_known_where_it_subscribed_and_then_everywhere()
    {
        using Node one = Join("away"), other = Join("away");
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        one.Subscribe("li", "https://push.example.com/gone");
        await one.ReadAsync();
        await other.ReadAsync();
        await _server.Postgres.CrashAsync();
        await one.ReadAsync();
        await other.ReadAsync();
        one.Subscribe("wang", "https://push.example.com/1");
        other.Browsers.Remove("https://push.example.com/gone");
        Assert.Single(one.Endpoints("wang"));
        Assert.Empty(other.Endpoints("wang"));

        await _server.Postgres.StartAgainAsync();
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        Assert.Single(other.Endpoints("wang"));
        await one.ReadAsync();
        Assert.Empty(one.Endpoints("li"));
    }

    [Fact]
    public async Task A_node_with_another_key_says_so_once_and_tells_no_browser_that_would_not_take_it()
    {
        using var another = new TempDirectory();
        using Node one = Join("key"), other = new(_server, "key", PushKey.Open(another.Path, null), ["wang"]);
        await one.ReadAsync(isFirst: true);
        await other.ReadAsync(isFirst: true);
        one.Subscribe("wang", "https://push.example.com/1");
        one.Subscribe("wang", "https://push.example.com/2");
        await one.ReadAsync();
        await other.ReadAsync();
        Assert.Empty(other.Endpoints("wang"));
        Assert.Single(other.Log.All, line => line.Contains("a browser of push.example.com was subscribed with another key than this node's: Notify:Push:KeyFile must be the same", StringComparison.Ordinal));
        Assert.DoesNotContain(one.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    private Node Join(string stream, params IReadOnlyList<string> persons) => new(_server, stream, _key, persons.Count == 0 ? ["wang", "li"] : persons);

    private sealed class Node : IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly OutboxDatabase _outbox;
        private readonly PushKey _key;
        private readonly SharedLists _lists;

        // PostgreSQL's rows end by the machine's clock; before that nobody forgets what was removed.
        private long _now = 4_102_444_800_000;

        public Node(SharedServer server, string stream, PushKey key, IReadOnlyList<string> persons)
        {
            _key = key;
            _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
            _lists = server.Lists(stream, Log);
            Browsers = new Browsers(_outbox, key, () => persons, () => ++_now, _lists.Browsers, Log.CreateLogger<Browsers>());
        }

        public PushBrowser Browser { get; } = new();

        public Browsers Browsers { get; }

        public LogLines Log { get; } = new();

        public Task ReadAsync(bool isFirst = false) => _lists.Browsers.RefreshAsync(isFirst);

        public void Subscribe(string person, string endpoint) => Browsers.Add(person, new BrowserSubscription(endpoint, Browser.P256dh, Browser.Auth));

        public IReadOnlyList<string> Endpoints(string person) => [.. Browsers.Of(person).Select(browser => browser.Endpoint)];

        public PushChannel Channel(Uri origin) => new(new PushOptions("mailto:ops@example.cn", null, [origin]), _key, Browsers, []);

        public void Dispose()
        {
            Browser.Dispose();
            _lists.Dispose();
            _outbox.Dispose();
            _directory.Dispose();
            Log.Dispose();
        }
    }
}
