using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using Telemetry.Simulators.Load;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Publishes to one subject, phase after phase, over the same 20 connections and devices, and keeps the ledger of what was acknowledged.</summary>
internal sealed class Publishing(SubjectKind kind, Stand stand, Subject subject, TimeProvider time)
{
    public const int Devices = 5000;

    /// <summary>The device of the readings that only try the way.</summary>
    public const string Probe = "probe";
    private const int Connections = 20;

    // Readings; 20,000 in all.
    private const int InFlight = 1000;

    // Mosquitto acknowledges several times what any subject takes: what waits in it would be most of the time measured.
    private const int MostPerSecondBehindBroker = 20_000;
    private const int AlarmsPerSecond = 100;
    private const long SequencesPerPhase = 10_000_000;

    // Without an arrival for so long, the rest is taken for lost.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestAlarm = TimeSpan.FromSeconds(5);

    // Longer than any subject gathers a batch.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);
    private readonly GasPayload _payload = new(Devices, time);
    private int _phases;

    public GasPayload Payload => _payload;

    /// <summary>Waits until a reading goes through, from publish to the end; its device is no one of the load's.</summary>
    public async Task ReadyAsync()
    {
        if (stand.Broker is null)
            return;
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", subject.PublishPort).WithClientId("probe").Build());
        var before = await subject.ArrivedAsync();
        var sent = 0;
        await Wait.ForAsync($"a first reading through {kind.Name}", async () =>
        {
            subject.MustLive();
            if (await subject.ArrivedAsync() > before)
                return true;
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await client.PublishStringAsync($"telemetry/v1/load-probe/gas_valve/{Probe}", $$$"""{"ts":{{{now}}},"seq":{{{sent++}}},"device":"{{{Probe}}}","values":{"methane_lel":0.5,"carbon_monoxide":3.5,"gas_pressure":2.13,"battery_level":87.0,"rsrp":-97}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            return false;
        }, 60);
        await client.DisconnectAsync();
        // Probes that are still on their way would count for the first phase. How many there are nobody knows: before its subscription the broker keeps none.
        var (arrived, at) = (0L, time.GetTimestamp());
        await Wait.ForAsync("the last probe", async () =>
        {
            var now = await subject.ArrivedAsync();
            if (now > arrived)
                (arrived, at) = (now, time.GetTimestamp());
            return time.GetElapsedTime(at) > Quiet;
        });
    }

    /// <summary>Publishes and waits for the last arrival.</summary>
    /// <param name="rate">Readings a second; null for as many as are taken.</param>
    public async Task<Phase> MeasureAsync(double? rate, double seconds, AlarmSubscriber? subscriber)
    {
        _payload.RaiseAlarms(subscriber is null ? 0 : AlarmsPerSecond);
        var (heard, alarms) = (subscriber?.Heard.Keys.ToHashSet() ?? [], _payload.Alarms);
        var before = await subject.ArrivedAsync();
        var (cpu, brokerCpu, sinkCpu, harnessCpu) = Cpu();
        var start = time.GetTimestamp();
        var publishing = Start(rate, TimeSpan.FromSeconds(seconds), stand.Broker is null ? null : (long)(seconds * MostPerSecondBehindBroker));
        var (arrived, at) = await LastArrivalAsync(publishing, before, start);
        var load = await publishing;
        if (load.Errors is [var error, ..])
            throw new InvalidOperationException($"{kind.Name}: {error}");
        var (cpuAfter, brokerAfter, sinkAfter, harnessAfter) = Cpu();
        if (subscriber is not null)
            await TellAsync(subscriber, alarms, heard.Count);
        return new Phase
        {
            Offered = rate, Acknowledged = load.Acknowledged * kind.Batch, Arrived = Math.Min(arrived, load.Acknowledged * kind.Batch), PublishSeconds = load.Seconds, Seconds = Math.Max(at, load.Seconds),
            SubjectCpu = cpuAfter - cpu, BrokerCpu = brokerAfter - brokerCpu, SinkCpu = sinkAfter - sinkCpu, HarnessCpu = harnessAfter - harnessCpu,
            Alarms = _payload.Alarms - alarms, AlarmLatencies = subscriber is null ? [] : [.. subscriber.Heard.Where(each => !heard.Contains(each.Key)).Select(each => Math.Round(each.Value, 3)).Order()],
        };
    }

    /// <summary>Publishes alone.</summary>
    public Task<LoadResult> Start(double? rate, TimeSpan? duration, long? messages) => new LoadPublisher(
        new LoadOptions
        {
            Port = subject.PublishPort, Connections = Connections, InFlight = Math.Max(1, InFlight / kind.Batch), Devices = Devices, Batch = kind.Batch, Rate = rate / kind.Batch, Duration = duration, Messages = messages,
            Payload = _payload, FirstSequence = 1 + (_phases * SequencesPerPhase), Record = Ledger(_phases++), Reconnect = true, Patience = TimeSpan.FromMinutes(1),
        },
        time).RunAsync(CancellationToken.None);

    /// <summary>Every key that was acknowledged so far.</summary>
    public HashSet<long> Acknowledged()
    {
        var keys = new HashSet<long>();
        for (var phase = 0; phase < _phases; phase++)
        {
            foreach (var line in File.ReadLines(Ledger(phase), Encoding.ASCII))
            {
                var parts = line.Split(' ');
                var (device, first) = (GasPayload.NumberOf(parts[0])!.Value, long.Parse(parts[1], CultureInfo.InvariantCulture));
                for (var i = 0; i < int.Parse(parts[2], CultureInfo.InvariantCulture); i++)
                    keys.Add(GasPayload.Key(device, first + i));
            }
        }
        return keys;
    }

    private async Task<(long Arrived, double At)> LastArrivalAsync(Task<LoadResult> publishing, long before, long start)
    {
        var (most, at) = (0L, 0.0);
        await Wait.ForAsync("the last arrival", async () =>
        {
            var now = await subject.ArrivedAsync() - before;
            var elapsed = time.GetElapsedTime(start).TotalSeconds;
            var isWhole = publishing.IsCompleted && now >= (await publishing).Acknowledged * kind.Batch;
            if (now > most || isWhole)
                (most, at) = (Math.Max(most, now), elapsed);
            return isWhole || (publishing.IsCompleted && elapsed - at > Stall.TotalSeconds);
        }, 300);
        return (most, at);
    }

    private async Task TellAsync(AlarmSubscriber subscriber, int before, int heard)
    {
        var begun = time.GetTimestamp();
        await Wait.ForAsync("the last alarm message", () => subscriber.Heard.Count - heard >= _payload.Alarms - before || time.GetElapsedTime(begun) > LongestAlarm);
    }

    private (double Subject, double Broker, double Sink, double Harness) Cpu() =>
        (ProcessTree.CpuSeconds(subject.ProcessId), stand.Broker?.CpuTime.TotalSeconds ?? 0, stand.Sink?.Server.CpuTime.TotalSeconds ?? 0, Environment.CpuUsage.TotalTime.TotalSeconds);

    private string Ledger(int phase) => Path.Combine(stand.Folder, string.Create(CultureInfo.InvariantCulture, $"acknowledged-{phase}"));
}
