using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Three services, three nats-servers, PostgreSQL, an InfluxDB that the nodes share and a provider that calls people. The owner is killed; PostgreSQL goes away, and the stream's
/// majority with it for a while; with TELEMETRY_LONG PostgreSQL and the owner at once too, and for longer. The oracle knows the alarms, what the provider took, and what was acknowledged.
/// </summary>
public sealed class ClusterOwnerTests(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private const int AlarmsAPhase = 3;
    private const int Phases = 7;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 };

    // Longer than the owner's lease; in the long form also than it keeps its state.
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(IsLong ? 30 : 10);

    [Fact]
    public async Task People_are_told_and_the_shared_store_is_filled_by_one_node_and_after_its_death_by_another()
    {
        await using var servers = await NatsServers.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var influx = await Influxd.StartAsync();
        await influx.CreateDatabaseAsync("city");
        await using var gate = await InfluxGate.StartAsync(influx.Url);
        await using var provider = await Receiver.StartAsync();
        using TempDirectory data = new(), files = new();
        var record = files.File("acknowledged");
        var nodePorts = Enumerable.Range(0, Nodes).Select(_ => FreePort.Next()).ToArray();
        int[] ports = [.. Enumerable.Range(0, Nodes).Select(_ => FreePort.Next())];
        await using var nginx = await Nginx.StartAsync(ports);
        string[] options =
        [
            "--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}", $"--Cluster:Postgres={postgres.Connection}", $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}",
            "--Store:Kinds=influxdb,duckdb", $"--Influx:Url={gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={influx.TokenFile}", .. Notify(files, provider),
        ];
        var nodes = new ServiceProcess?[Nodes];
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions { Port = nginx.Port, Connections = 3, Devices = 6, Qos = 1, InFlight = 50, Rate = 100, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        Task publishing = Task.CompletedTask;
        var begun = TimeProvider.System.GetUtcNow();
        var raised = 0;
        try
        {
            for (var node = 0; node < Nodes; node++)
                nodes[node] = await StartAsync(node);
            await Leaks.ImportAsync(nodes[0]!, AlarmsAPhase * Phases);
            publishing = Task.Run(() => load.RunAsync(over.Token));
            await Leaks.AllKnowAnOwnerAsync(nodes!);
            await Wait.ForAsync("one node has begun the list of browsers", () => Task.FromResult(nodes.Count(node => node!.Output.Contains("browsers, which all nodes share in PostgreSQL: there were none", StringComparison.Ordinal))), count => count == 1);
            var owner = await OwnerAsync();
            await RaiseAsync(owner);
            await AllToldAsync("the first owner");
            await AnswerAsync((owner + 1) % Nodes, (owner + 2) % Nodes);
            await ProveAsync((owner + 1) % Nodes, (owner + 2) % Nodes);
            await AgreeAsync((owner + 1) % Nodes, (owner + 2) % Nodes);

            await nodes[owner]!.KillAsync();
            var since = TimeProvider.System.GetTimestamp();
            await nodes[owner]!.DisposeAsync();
            nodes[owner] = null;
            await RaiseAsync((owner + 1) % Nodes);
            var dead = owner;
            owner = await OwnerAsync();
            Print("owner killed", since);
            await AllToldAsync("the second owner");
            nodes[dead] = await StartAsync(dead);
            // While its silo joins, the ownership may move to it.
            await Leaks.AllKnowAnOwnerAsync(nodes!);
            owner = await OwnerAsync();

            await postgres.CrashAsync();
            since = TimeProvider.System.GetTimestamp();
            await Wait.ForAsync("more than its lease without PostgreSQL", () => TimeProvider.System.GetElapsedTime(since) >= Away, 60);
            await RaiseAsync((owner + 1) % Nodes);
            var alarmed = TimeProvider.System.GetTimestamp();
            await AllToldAsync("the last owner without PostgreSQL");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL away for {Away.TotalSeconds} s: {AlarmsAPhase} alarms told after {TimeProvider.System.GetElapsedTime(alarmed).TotalSeconds:0.0} s"));
            Assert.Equal([owner], await OwnersAsync());
            // Nor a majority of the stream: others might be the owner by now.
            await servers.CrashAsync(1);
            await servers.CrashAsync(2);
            await Wait.ForAsync("nobody acts without the stream", OwnersAsync, owners => owners.Count == 0);
            servers.StartAgain(1);
            servers.StartAgain(2);
            Assert.Equal(owner, await OwnerAsync());
            await RaiseAsync((owner + 1) % Nodes);
            await AllToldAsync("the last owner, back in the stream");
            await postgres.StartAgainAsync();
            var back = TimeProvider.System.GetTimestamp();
            await RaiseAsync(owner);
            owner = await SavedAsync();
            Print("PostgreSQL back", back);
            await AllToldAsync("the owner after the outage");

            if (IsLong)
            {
                await postgres.CrashAsync();
                await nodes[owner]!.KillAsync();
                since = TimeProvider.System.GetTimestamp();
                await nodes[owner]!.DisposeAsync();
                nodes[owner] = null;
                dead = owner;
                await RaiseAsync((owner + 1) % Nodes);
                await Wait.ForAsync("the outage's end", () => TimeProvider.System.GetElapsedTime(since) >= Away, 60);
                await postgres.StartAgainAsync();
                back = TimeProvider.System.GetTimestamp();
                owner = await OwnerAsync();
                Print("both killed", since);
                Print("PostgreSQL back", back);
                await AllToldAsync("the third owner");
                nodes[dead] = await StartAsync(dead);
            }

            await over.CancelAsync();
            await Task.WhenAny(publishing);
            var position = (await Task.WhenAll(nodes.Select(node => node!.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());
            var journals = new List<string>();
            foreach (var node in nodes)
            {
                await Wait.ForAsync($"position {position}", () => node!.GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, 60);
                journals.Add(Journal.UpTo(position, await node!.Http.GetStringAsync("api/v1/journal?from=1")));
            }
            Assert.Equal(journals[0], journals[1]);
            Assert.Equal(journals[0], journals[2]);
            // The API's readings come from the first store that is named: InfluxDB.
            var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(nodes[0]!, record, begun);
            var alarms = await Leaks.AlarmsAsync(nodes[0]!);
            var calls = DutyPeople.Calls(provider, journals[0]);
            output.WriteLine($"{alarms.Count} alarms; {calls.Count} calls by key, {calls.Count(call => call.Count() > 1)} of them told twice; readings acknowledged {acknowledged}, in InfluxDB {stored}, lost {missing}, doubled {doubled}");
            Assert.Equal(raised, alarms.Count);
            Assert.Equal((0, 0), (missing, doubled));
            Assert.True(acknowledged > 500);
            // Each was told by its own transition and to its own person: a second one under another key would be a second page of the same thing.
            Assert.Equal(raised, calls.Count);
            Assert.All(calls, call => Assert.InRange(call.Count(), 1, 2));
            Assert.All(Enumerable.Range(0, raised), leak => Assert.Contains(provider.Taken, taken => taken.Path == "/api/v2/alerts" && taken.Body.Contains($"\"gas-{leak}\"", StringComparison.Ordinal)));
            foreach (var node in nodes)
                await Leaks.AllKnowAsync(node!, alarms);
            foreach (var node in nodes)
                Assert.Equal(0, await node!.StopAsync());
        }
        catch (Exception error) when (error is TimeoutException or Xunit.Sdk.XunitException or HttpRequestException)
        {
            foreach (var node in nodes)
                output.WriteLine(node?.Output ?? "(killed)");
            throw;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var node in nodes)
            {
                if (node is not null)
                    await node.DisposeAsync();
            }
        }

        Task<ServiceProcess> StartAsync(int node) => ServiceProcess.StartAsync(
            Path.Combine(data.Path, node.ToString(CultureInfo.InvariantCulture)), ports[node], [.. options, string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node=127.0.0.1:{nodePorts[node]}")]);

        async Task RaiseAsync(int through)
        {
            for (var i = 0; i < AlarmsAPhase; i++)
                await Leaks.RaiseAsync(nodes[through]!, raised++);
        }

        async Task AllToldAsync(string by)
        {
            var expected = Enumerable.Range(0, raised).Select(DutyPeople.Phone).ToHashSet();
            await Wait.ForAsync($"all are told by {by}", () => expected.IsSubsetOf(DutyPeople.Called(provider)), 60);
        }

        // To nodes that have not sent it: whoever balances knows no owner.
        async Task AnswerAsync(int byPage, int byKey)
        {
            var link = await Wait.ForAsync("a link", () => Task.FromResult(provider.Taken.Where(taken => taken.Path == "/hook").Select(taken => Field(taken.Body, "link")).FirstOrDefault()), found => found is not null);
            using var page = await nodes[byPage]!.Http.GetAsync(new Uri(new Uri(link!).AbsolutePath, UriKind.Relative));
            Assert.Equal(200, (int)page.StatusCode);
            var call = provider.Taken.First(taken => taken.Path == "/voice").Body;
            using var pressed = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v1/notify/replies/voice", UriKind.Relative))
            {
                Content = new StringContent(JsonSerializer.Serialize(new { callee = Field(call, "to"), key = "1", code = Field(call, "code") }), Encoding.UTF8, "application/json"),
                Headers = { { "X-Secret", "s3cret" } },
            };
            using var answer = await nodes[byKey]!.Http.SendAsync(pressed);
            Assert.Contains("\"taken\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // A test of the channel that one node is asked for, the owner sends, and another node hears of.
        async Task ProveAsync(int asked, int told)
        {
            using (var sent = await nodes[asked]!.Http.PostAsync("api/v1/notify/proof", Json("""{"by":"Chen"}""")))
                Assert.Equal(200, (int)sent.StatusCode);
            var call = await Wait.ForAsync("a call that tests", () => Task.FromResult(provider.Taken.FirstOrDefault(taken => taken.Path == "/voice" && Field(taken.Body, "id").StartsWith("proof-", StringComparison.Ordinal))?.Body), found => found is not null, 60);
            var key = Field(call!, "id")["proof-".Length..];
            using (var confirmed = await nodes[told]!.Http.PostAsync($"api/v1/notify/proof/{key[..key.LastIndexOf('.')]}/confirm", Json($$"""{"by":"Li","code":"{{Field(call!, "code")}}"}""")))
                Assert.Equal(200, (int)confirmed.StatusCode);
            foreach (var node in nodes)
                await Wait.ForAsync("every node knows it", () => node!.GetAsync("api/v1/notify/proof"), proofs => proofs.GetProperty("channels")[0].GetProperty("state").GetString() == "confirmed");
        }

        // A second person's code that one node is asked for and the owner sends; a change of rules that one node is given, another approves and all take up.
        async Task AgreeAsync(int asked, int approving)
        {
            var second = string.Create(CultureInfo.InvariantCulture, $"p{AlarmsAPhase * Phases}");
            using (var sent = await nodes[asked]!.Http.PostAsync($"api/v1/alarms/{(await Leaks.AlarmsAsync(nodes[asked]!))[0]}/second-person", Json($$"""{"by":"Li","person":"{{second}}"}""")))
                Assert.Equal(200, (int)sent.StatusCode);
            await Wait.ForAsync("a call with a code", () => provider.Taken.Any(taken => taken.Path == "/voice" && Field(taken.Body, "id").StartsWith("second-", StringComparison.Ordinal)), 60);

            const string Family = "api/v1/families/public_toilet";
            var text = await nodes[asked]!.Http.GetStringAsync(Family + "/text");
            using var change = new HttpRequestMessage(HttpMethod.Put, Family + "?by=Li") { Content = new StringContent(text.Replace("respond_in: 5min", "respond_in: 6min", StringComparison.Ordinal), Encoding.UTF8, "text/yaml"), Headers = { { "If-Match", "*" } } };
            using (var proposed = await nodes[asked]!.Http.SendAsync(change))
                Assert.Equal(202, (int)proposed.StatusCode);
            var waiting = await Wait.ForAsync("the change waits at another node", () => nodes[approving]!.GetAsync("api/v1/families/proposals"), proposals => proposals.GetArrayLength() == 1);
            using (var approved = await nodes[approving]!.Http.PostAsync($"api/v1/families/proposals/{waiting[0].GetProperty("proposal").GetString()}/approve?by=Wu", Json("{}")))
                Assert.Equal(200, (int)approved.StatusCode);
            foreach (var node in nodes)
            {
                await Wait.ForAsync("it is in force", async () => (await node!.Http.GetStringAsync(Family + "/text")).Contains("respond_in: 6min", StringComparison.Ordinal));
                await Wait.ForAsync("it waits no more", () => node!.GetAsync("api/v1/families/proposals"), proposals => proposals.GetArrayLength() == 0);
            }
        }

        static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

        Task<IReadOnlyList<int>> OwnersAsync() => Leaks.OwnersAsync(Enumerable.Range(0, Nodes).Where(node => nodes[node] is not null).Select(node => (node, nodes[node]!)));

        async Task<IReadOnlyList<int>> OnesAsync(string metric)
        {
            var ones = new List<int>();
            for (var node = 0; node < Nodes; node++)
            {
                if (nodes[node] is { } service && (await service.Http.GetStringAsync("metrics")).Split('\n').Any(line => line.StartsWith(metric, StringComparison.Ordinal) && line.TrimEnd().EndsWith("} 1", StringComparison.Ordinal)))
                    ones.Add(node);
            }
            return ones;
        }

        async Task<int> OwnerAsync() => (await Wait.ForAsync("an owner", OwnersAsync, owners => owners.Count == 1, 60))[0];

        async Task<int> SavedAsync()
        {
            await Wait.ForAsync("the owner's state is saved", () => OnesAsync("telemetry_cluster_owner_unsaved{"), ones => ones.Count == 0, 60);
            return await OwnerAsync();
        }

        void Print(string what, long since) =>
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: an owner acts after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s"));
    }

    [Fact]
    public async Task A_machine_alone_loads_nothing_of_it()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var loaded = await File.ReadAllTextAsync($"/proc/{service.Id}/maps");
        Assert.Contains("MQTTnet.dll", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("Orleans.Runtime.dll", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("Orleans.Core.dll", loaded, StringComparison.Ordinal);
    }

    private static string PushKey(TempDirectory files)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(files.File("push.key"), key.ExportPkcs8PrivateKeyPem());
        return files.File("push.key");
    }

    private static string[] Notify(TempDirectory files, Receiver provider) =>
    [
        .. DutyPeople.Notify(files, provider, AlarmsAPhase * Phases, """{"to":"{phone}","say":"{text}","id":"{key}","code":"{code}"}""", weeklyTest: true), "--Notify:PublicUrl=http://127.0.0.1/",
        "--Notify:Push:Subject=mailto:ops@example.cn", $"--Notify:Push:KeyFile={PushKey(files)}",
        $"--Notify:Voice:Reply:SecretFile={files.File("webhook")}", "--Notify:Voice:Reply:Header=X-Secret: {secret}", "--Notify:Voice:Reply:Phone=callee", "--Notify:Voice:Reply:Digit=key", "--Notify:Voice:Reply:Message=code",
        $"--Notify:Alertmanager:Url={provider.Url}",
    ];

    private static string Field(string body, string name)
    {
        using var parsed = JsonDocument.Parse(body);
        return parsed.RootElement.GetProperty(name).GetString()!;
    }
}
