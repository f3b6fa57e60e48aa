using System.Collections.Concurrent;
using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.Tests.Shared;

/// <summary>
/// Three services, three nats-servers, PostgreSQL and nginx; gateways that publish through nginx, three clients that hear alarms through it, and a person to be called for each
/// alarm. One service after another is told to stop and started again as another version, the owner last.
/// </summary>
internal sealed class RollingUpgrade : IAsyncDisposable
{
    private const int Nodes = 3;
    private const int Gateways = 30;

    // The greatest number of seconds that all restarts together are given; an alarm for each device is what there is.
    private const int MostSeconds = 180;
    private const int WarmUpReadings = 1000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly UpgradeOptions _options;
    private readonly TimeProvider _time;
    private readonly int _devices;
    private readonly GasPayload _payload;
    private readonly TempDirectory _data = new();
    private readonly TempDirectory _files = new();
    private readonly int[] _ports = [.. Enumerable.Range(0, Nodes).Select(_ => FreePort.Next())];
    private readonly int[] _nodePorts = [.. Enumerable.Range(0, Nodes).Select(_ => FreePort.Next())];
    private readonly ServiceProcess?[] _nodes = new ServiceProcess?[Nodes];
    private readonly List<string> _outputs = [];
    private readonly ConcurrentDictionary<string, long> _called = new();
    private readonly List<AlarmSubscriber> _clients = [];
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly CancellationTokenSource _over = new();
    private string[] _arguments = [];

    private RollingUpgrade(UpgradeOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _devices = (5 * options.Calm) + (MostSeconds * options.AlarmsPerSecond);
        _payload = new GasPayload(_devices, time);
    }

    /// <summary>What the services have said.</summary>
    public string Output => string.Join('\n', _outputs.Concat(_nodes.OfType<ServiceProcess>().Select(node => node.Output)));

    /// <exception cref="TimeoutException">Something that should have come did not.</exception>
    public static async Task<UpgradeResult> RunAsync(UpgradeOptions options, TimeProvider time, Action<string> say)
    {
        await using var upgrade = new RollingUpgrade(options, time);
        try
        {
            return await upgrade.RunAsync(say);
        }
        catch
        {
            say(upgrade.Output);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        foreach (var client in _clients)
            await client.DisposeAsync();
        foreach (var node in _nodes.OfType<ServiceProcess>())
            await node.DisposeAsync();
        foreach (var server in Enumerable.Reverse(_servers))
            await server.DisposeAsync();
        _over.Dispose();
        _data.Dispose();
        _files.Dispose();
    }

    private async Task<UpgradeResult> RunAsync(Action<string> say)
    {
        var servers = Keep(await NatsServers.StartAsync());
        var postgres = Keep(await PostgresServer.StartAsync());
        var nginx = Keep(await Nginx.StartAsync(_ports));
        var provider = Keep(await Receiver.StartAsync(call =>
        {
            if (call.Path == "/voice" && DutyPeople.To(call) is var phone && phone != DutyPeople.Phone(_devices))
                _called.TryAdd(phone, _time.GetTimestamp());
            return Answer.Yes;
        }));
        // As far as providers are: at each stop there are calls under way.
        provider.BeforeYes = () => Task.Delay(TimeSpan.FromMilliseconds(500), _time);
        _arguments =
        [
            "--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}", $"--Cluster:Postgres={postgres.Connection}", $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}",
            .. DutyPeople.Notify(_files, provider, _devices),
        ];
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(async node => _nodes[node] = await StartAsync(node, _options.Old)));
        foreach (var node in _nodes)
            await ReadyAsync(node!);
        await DutyPeople.ImportAsync(_nodes[0]!, Enumerable.Range(0, _devices).Select(device => string.Create(CultureInfo.InvariantCulture, $"{_payload.Device(device)},gas_valve,load-{device % Gateways},{DutyPeople.District(device)}")));

        var record = _files.File("acknowledged");
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = nginx.Port, Connections = Gateways, Devices = _devices, Rate = _options.Rate, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), InFlight = 50,
                Payload = _payload, Record = record,
            },
            _time);
        // As many as nodes: a balancer that takes turns gives each node one.
        for (var client = 0; client < Nodes; client++)
            _clients.Add(await AlarmSubscriber.ListenAsync(nginx.Port, string.Create(CultureInfo.InvariantCulture, $"desk-{client}"), _payload, _time));
        var began = _time.GetUtcNow();
        var publishing = Task.Run(() => load.RunAsync(_over.Token));
        await Wait.ForAsync("load", () => load.Acknowledged >= WarmUpReadings, 60);
        _payload.RaiseAlarms(_options.AlarmsPerSecond);
        await ToldAsync("while everything warms up");

        var zero = _time.GetTimestamp();
        using var looking = new CancellationTokenSource();
        var gap = LongestGapAsync(load, looking.Token);
        await ToldAsync("before");
        var restarts = new List<UpgradeRestart>();
        while (restarts.Count < Nodes)
        {
            restarts.Add(await ReplaceAsync(restarts, zero));
            say(string.Create(CultureInfo.InvariantCulture, $"node {restarts[^1].Node + 1}{(restarts[^1].WasOwner ? ", the owner," : "")} stopped in {restarts[^1].Ended - restarts[^1].Begun:0.0} s, ready after {restarts[^1].Ready - restarts[^1].Begun:0.0} s"));
            await ToldAsync($"after {restarts.Count} of {Nodes} nodes");
        }
        _payload.RaiseAlarms(0);
        await AllToldAsync(_payload.Alarms, "at the end");
        var seconds = Since(zero);
        await looking.CancelAsync();
        await _over.CancelAsync();
        var result = await publishing;
        var (nodes, journals) = await HoldAsync(record, began);
        return new UpgradeResult
        {
            Restarts = restarts, Seconds = seconds, Alarms = Told(zero), LongestWithoutAcknowledgement = await gap, Load = result, Nodes = nodes, JournalDifferences = Differences(journals),
            CalledTwice = DutyPeople.Calls(provider, journals[0]).Sum(call => call.Count() - 1),
            OwnerMoves = Output.Split('\n').Count(line => line.Contains("this node becomes the owner", StringComparison.Ordinal)) - 1,
        };
    }

    private async Task<UpgradeRestart> ReplaceAsync(List<UpgradeRestart> done, long zero)
    {
        var left = Enumerable.Range(0, Nodes).Except(done.Select(restart => restart.Node)).ToList();
        var owner = await Wait.ForAsync("an owner", OwnerAsync, found => found is not null, 60);
        var node = left.Find(each => each != owner || left.Count == 1);
        var begun = Since(zero);
        if (await _nodes[node]!.StopAsync() is not 0 and var code)
            throw new InvalidOperationException($"node {node} ended with {code}");
        var ended = Since(zero);
        _outputs.Add(_nodes[node]!.Output);
        await _nodes[node]!.DisposeAsync();
        _nodes[node] = null;
        _nodes[node] = await StartAsync(node, _options.New);
        await ReadyAsync(_nodes[node]!);
        return new UpgradeRestart(node, node == owner, begun, ended, Since(zero));
    }

    private Task<ServiceProcess> StartAsync(int node, string dll) => ServiceProcess.StartByAsync(
        "dotnet",
        [
            dll, string.Create(CultureInfo.InvariantCulture, $"--Mqtt:Port={_ports[node]}"), "--Http:Port=0", $"--Data:Path={_data.File(string.Create(CultureInfo.InvariantCulture, $"{node}"))}",
            string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node=127.0.0.1:{_nodePorts[node]}"), .. _arguments,
        ]);

    private static Task ReadyAsync(ServiceProcess node) => Wait.ForAsync(
        "a node that is ready",
        async () =>
        {
            using var answer = await node.Http.GetAsync(new Uri("health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode && node.KnowsAnOwner;
        },
        60);

    private async Task<int?> OwnerAsync()
    {
        for (var node = 0; node < Nodes; node++)
        {
            if (await _nodes[node]!.IsOwnerAsync())
                return node;
        }
        return null;
    }

    /// <summary>As many more alarms as are to be told in peace, by everybody.</summary>
    private async Task ToldAsync(string when)
    {
        var until = _payload.Alarms + _options.Calm;
        await Wait.ForAsync($"{until} alarms published {when}", () => _payload.Alarms >= until, 120);
        await AllToldAsync(until, when);
    }

    private async Task AllToldAsync(int alarms, string when) => await Wait.ForAsync(
        $"{alarms} alarms told {when}",
        () => Task.FromResult(string.Join(", ", _clients.Select(client => client.Heard.Count).Append(_called.Count))),
        _ => _clients.All(client => client.Heard.Count >= alarms) && _called.Count >= alarms,
        90);

    private async Task<double> LongestGapAsync(LoadPublisher load, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Look, _time);
        var (longest, acknowledged, since) = (TimeSpan.Zero, load.Acknowledged, _time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var now = load.Acknowledged;
                if (_time.GetElapsedTime(since) > longest)
                    longest = _time.GetElapsedTime(since);
                if (now > acknowledged)
                    (acknowledged, since) = (now, _time.GetTimestamp());
            }
        }
        catch (OperationCanceledException)
        {
            // It has seen the whole upgrade.
        }
        return longest.TotalSeconds;
    }

    private IReadOnlyList<ToldAlarm> Told(long zero) =>
    [
        .. Enumerable.Range(0, _devices).Where(device => _payload.AlarmPublishedAt(device) >= zero)
            .Select(device => new ToldAlarm(
                _time.GetElapsedTime(zero, _payload.AlarmPublishedAt(device)!.Value).TotalSeconds, [.. _clients.Select(client => client.Heard[device])],
                _time.GetElapsedTime(_payload.AlarmPublishedAt(device)!.Value, _called[DutyPeople.Phone(device)]).TotalMilliseconds))
            .OrderBy(alarm => alarm.Published),
    ];

    private async Task<(IReadOnlyList<UpgradedNode> Nodes, IReadOnlyList<string> Journals)> HoldAsync(string record, DateTimeOffset began)
    {
        var position = (await Task.WhenAll(_nodes.Select(node => node!.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());
        var (nodes, journals) = (new List<UpgradedNode>(), new List<string>());
        foreach (var node in _nodes)
        {
            await Wait.ForAsync($"position {position}", () => node!.GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, 60);
            var (acknowledged, stored, lost, doubled) = await Ledger.CompareAsync(node!, record, began, "methane_lel");
            nodes.Add(new UpgradedNode(acknowledged, stored, lost, doubled));
            journals.Add(Journal.UpTo(position, await node!.Http.GetStringAsync("api/v1/journal?from=1")));
        }
        return (nodes, journals);
    }

    private static IReadOnlyList<string> Differences(IReadOnlyList<string> journals)
    {
        var lines = journals.Select(journal => journal.Split('\n')).ToList();
        return [.. Enumerable.Range(0, lines.Max(each => each.Length)).SelectMany(i => lines.Select(each => each.ElementAtOrDefault(i) ?? "").Distinct() is var at && at.Count() > 1 ? at : [])];
    }

    private T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Add(server);
        return server;
    }

    private double Since(long zero) => _time.GetElapsedTime(zero).TotalSeconds;
}
