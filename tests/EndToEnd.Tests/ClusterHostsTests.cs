using System.Globalization;
using System.Net;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Three hosts with a nats-server and a service each, TLS between all of them, and PostgreSQL behind the same switch. The owner's cable is pulled; over another line it
/// still reaches the provider that calls people, so that what it keeps to itself it keeps of its own. Gateways of each host speak to that host's service alone.
/// </summary>
public sealed class ClusterHostsTests(ITestOutputHelper output)
{
    private const int Hosts = 3;
    private const int MostLeaks = 8;
    private const int More = 200;

    [Fact]
    public async Task A_host_that_is_cut_off_acknowledges_nothing_and_tells_nobody_while_the_others_go_on_and_it_catches_up_by_itself()
    {
        await using var network = await NetworkHosts.CreateAsync(Hosts);
        using TempDirectory data = new(), files = new();
        var certificates = files.Path;
        await Tool.RunAsync(
            Path.Combine(Repository.Root, "docs", "deploy", "make-node-certificates"), [certificates, .. Enumerable.Range(0, Hosts).Select(network.AddressOf).Append(network.Here).Select(address => address.ToString())]);
        await using var postgres = await PostgresServer.StartAsync(new TlsPlace(network.Here, files.File($"{network.Here}.pem"), files.File($"{network.Here}.key"), files.File("ca.pem")));
        var refusing = false;
        await using var provider = await Receiver.StartAsync(_ => Volatile.Read(ref refusing) ? Answer.Error500 : Answer.Yes, address: network.HereOutside);
        var hosts = Enumerable.Range(0, Hosts).Select(host => new ClusterHost(network, host, data.File(NetworkHosts.NameOf(host)))).ToList();
        LoadPublisher[] loads = [];
        Task[] publishing = [];
        using var over = new CancellationTokenSource();
        var begun = TimeProvider.System.GetUtcNow();
        var raised = 0;
        try
        {
            foreach (var host in hosts)
                host.StartNats(Hosts, certificates);
            string[] options = [$"--Cluster:Postgres={postgres.Connection}", $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}", .. DutyPeople.Notify(files, provider, MostLeaks)];
            await Task.WhenAll(hosts.Select(host => host.StartServiceAsync(Hosts, certificates, options)));
            await Leaks.ImportAsync(hosts[0].Service, MostLeaks);
            loads = [.. hosts.Select((host, number) => new LoadPublisher(
                new LoadOptions
                {
                    Port = host.Service.MqttPort, Connections = 1, Devices = 2, Qos = 1, InFlight = 50, Rate = 40, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(3),
                    Payload = new HostPayload(NetworkHosts.NameOf(number)), Record = RecordOf(number),
                },
                TimeProvider.System))];
            publishing = [.. loads.Select(load => Task.Run(() => load.RunAsync(over.Token)))];
            // While a silo joins, the ownership may move to it.
            await Leaks.AllKnowAnOwnerAsync([.. hosts.Select(host => host.Service)]);
            var cut = await OwnerAsync();
            var others = Enumerable.Range(0, Hosts).Where(host => host != cut).ToList();
            await RaiseAsync(cut);
            await AllToldAsync("the first owner");
            foreach (var host in hosts)
                await Leaks.AllKnowAsync(host.Service, await Leaks.AlarmsAsync(hosts[cut].Service));
            await MoreAsync("at first", [.. Enumerable.Range(0, Hosts)]);
            // Something that it has still to say when it is alone: whoever says it afterwards, it is said once.
            Volatile.Write(ref refusing, true);
            await RaiseAsync(cut);
            await Wait.ForAsync("the provider has refused the owner", () => provider.All.Any(call => call.Body.Contains(DutyPeople.Phone(raised - 1), StringComparison.Ordinal)));

            await network.PullAsync(cut);
            var pulled = TimeProvider.System.GetTimestamp();
            using var stuck = Clients.Start("mosquitto_pub", "-h", "127.0.0.1", "-p", Text(hosts[cut].Service.MqttPort), "-q", "1", "-t", "telemetry/v1/gw-cut/drainage_pump/pump-cut", "-m", """{"values":{"sump_level":1.1}}""");
            await RaiseAsync(others[0]);
            Print("cut off: acknowledged by the others", pulled);
            foreach (var host in others)
                await hosts[host].Service.AlarmAsync($"gas-{raised - 1}", "leak_high", seconds: 60);
            Print("cut off: an alarm on both others", pulled);
            await Wait.ForAsync("whoever is alone acts no longer", async () => !await hosts[cut].Service.IsOwnerAsync(), 60);
            Print("cut off: it acts no longer", pulled);
            var acknowledged = loads[cut].Acknowledged;
            var calls = provider.All.Count;
            Volatile.Write(ref refusing, false);
            var owner = await OwnerAsync();
            Assert.NotEqual(cut, owner);
            Print("cut off: another owner acts", pulled);
            await AllToldAsync("the second owner");
            Print("cut off: all are told", pulled);
            await MoreAsync("by the others", others);
            Assert.Equal(acknowledged, loads[cut].Acknowledged);
            Assert.False(stuck.HasExited && stuck.ExitCode == 0);
            Assert.DoesNotContain(provider.All.Skip(calls), call => call.From.Equals(network.OutsideOf(cut)));
            Assert.NotEqual(HttpStatusCode.OK, await ReadyAsync(cut));
            foreach (var host in others)
                Assert.Equal(HttpStatusCode.NotFound, (await hosts[host].Service.Http.GetAsync("api/v1/devices/pump-cut")).StatusCode);

            var position = await LastAsync(others);
            await network.PlugAsync(cut);
            var healed = TimeProvider.System.GetTimestamp();
            await CaughtUpAsync(cut, position, 120);
            Print("healed: level with the others", healed);
            await MoreAsync("by the healed one", [cut]);
            Print("healed: it acknowledges again", healed);
            await Wait.ForAsync("the healed one is ready", async () => await ReadyAsync(cut) == HttpStatusCode.OK, 120);
            Print("healed: ready", healed);
            await OwnerAsync();
            await RaiseAsync(cut);
            await AllToldAsync("an owner after it was healed");
            // It was kept back, or lost when its connection ended; nobody has said that it was stored.
            if (!stuck.HasExited)
                stuck.Kill();

            await over.CancelAsync();
            await Task.WhenAll(publishing);
            position = await LastAsync([.. Enumerable.Range(0, Hosts)]);
            var journals = new List<string>();
            for (var host = 0; host < Hosts; host++)
            {
                await CaughtUpAsync(host, position, 60);
                journals.Add(Journal.UpTo(position, await hosts[host].Service.Http.GetStringAsync("api/v1/journal?from=1")));
                for (var from = 0; from < Hosts; from++)
                {
                    var (sent, stored, missing, doubled) = await Ledger.CompareAsync(hosts[host].Service, RecordOf(from), begun);
                    output.WriteLine($"acknowledged by {NetworkHosts.NameOf(from)} {sent}, on {NetworkHosts.NameOf(host)} stored {stored}, lost {missing}, doubled {doubled}");
                    Assert.True(sent > More);
                    Assert.Equal((0, 0), (missing, doubled));
                }
            }
            Assert.Equal(journals[0], journals[1]);
            Assert.Equal(journals[0], journals[2]);
            var told = DutyPeople.Calls(provider, journals[0]);
            output.WriteLine($"{raised} alarms; {told.Count} calls by key, {told.Count(call => call.Count() > 1)} of them told twice");
            Assert.Equal(raised, told.Count);
            Assert.All(told, call => Assert.Single(call));
            output.WriteLine(string.Join('\n', hosts[cut].Output.Split('\n').Where(line => line.Contains("owner", StringComparison.Ordinal) || line.Contains("silo", StringComparison.Ordinal))));
            foreach (var host in hosts)
                Assert.Equal(0, await host.Service.StopAsync());
        }
        catch (Exception error) when (error is TimeoutException or Xunit.Sdk.XunitException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            foreach (var host in hosts)
                output.WriteLine(host.Output);
            throw;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var host in hosts)
                await host.DisposeAsync();
        }

        string RecordOf(int host) => data.File($"acknowledged-{NetworkHosts.NameOf(host)}");

        // Until it is acknowledged: while the stream has no leader, a service may end the connection instead.
        Task RaiseAsync(int through)
        {
            var leak = raised++;
            return Wait.ForAsync(
                $"leak {leak}",
                async () =>
                {
                    try
                    {
                        await Leaks.RaiseAsync(hosts[through].Service, leak);
                        return true;
                    }
                    catch (InvalidOperationException)
                    {
                        return false;
                    }
                },
                60);
        }

        Task AllToldAsync(string by)
        {
            var expected = Enumerable.Range(0, raised).Select(DutyPeople.Phone).ToHashSet();
            return Wait.ForAsync($"all are told by {by}", () => expected.IsSubsetOf(DutyPeople.Called(provider)), 90);
        }

        async Task MoreAsync(string what, IReadOnlyList<int> through)
        {
            var before = loads.Select(load => load.Acknowledged).ToList();
            await Wait.ForAsync($"more acknowledged {what}", () => through.All(host => loads[host].Acknowledged > before[host] + More), 120);
        }

        Task<IReadOnlyList<int>> OwnersAsync() => Leaks.OwnersAsync(hosts.Select((host, number) => (number, host.Service)));

        async Task<int> OwnerAsync() => (await Wait.ForAsync("an owner", OwnersAsync, owners => owners.Count == 1, 90))[0];

        async Task<HttpStatusCode> ReadyAsync(int host) => (await hosts[host].Service.Http.GetAsync("health/ready")).StatusCode;

        async Task<long> LastAsync(IReadOnlyList<int> of) => (await Task.WhenAll(of.Select(host => hosts[host].Service.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());

        Task CaughtUpAsync(int host, long position, int seconds) => Wait.ForAsync(
            $"position {position} on {NetworkHosts.NameOf(host)}", () => hosts[host].Service.GetAsync("api/v1/stats"),
            stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, seconds);

        void Print(string what, long since) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s"));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Pump stations behind a gateway of the host's own.</summary>
    private sealed class HostPayload(string host) : ILoadPayload
    {
        private readonly LoadPayload _pumps = new(1);

        public string Device(int number) => string.Create(CultureInfo.InvariantCulture, $"pump-{host}-{number}");

        public string Topic(int connection, string device) => $"telemetry/v1/gw-{host}/drainage_pump/{device}";

        public int MostBytes(int batch) => _pumps.MostBytes(batch);

        public int Write(Span<byte> to, int device, long newest, long firstSequence, int batch) => _pumps.Write(to, device, newest, firstSequence, batch);
    }
}
