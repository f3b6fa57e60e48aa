using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>connections IDLE BUSY</c>: so many gateways that only hold their connection, and so many that publish a reading a second, on the embedded broker of a service of its
/// own: its memory, its CPU, and what the next connection is told. Both processes need as many file handles (ulimit -n).
/// </summary>
internal static class Connections
{
    private static readonly TimeSpan Publishing = TimeSpan.FromSeconds(20);

    // Below the limit of strangers from one address.
    private const int AtOnce = 200;

    public static async Task<int> RunAsync(int idle, int busy)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, $"--Mqtt:MaxConnections={idle + busy}");
        var before = Resident(service);
        var watch = Stopwatch.StartNew();
        var sockets = await ConnectAsync(service.MqttPort, idle, 0);
        Say($"{idle} idle connections in {watch.Elapsed.TotalSeconds:N1} s: {before:N0} MB before, {Resident(service):N0} MB after, {(Resident(service) - before) * 1024 / Math.Max(1, idle):N1} KB each");
        var (cpu, quiet) = (service.Usage().CpuSeconds, Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(10));
        Say($"idle for {quiet.Elapsed.TotalSeconds:N0} s: {(service.Usage().CpuSeconds - cpu) / quiet.Elapsed.TotalSeconds * 100:N1} % of a core");

        var publishers = await ConnectAsync(service.MqttPort, busy, idle);
        cpu = service.Usage().CpuSeconds;
        watch.Restart();
        var waits = (await Task.WhenAll(publishers.Select((socket, i) => PublishAsync(socket, i)))).SelectMany(each => each).Order().ToList();
        Say($"{busy} busy beside them, {waits.Count} readings acknowledged in {watch.Elapsed.TotalSeconds:N1} s: p50 {waits[waits.Count / 2]:N0} ms, p99 {waits[waits.Count * 99 / 100]:N0} ms, {(service.Usage().CpuSeconds - cpu) / watch.Elapsed.TotalSeconds * 100:N0} % of a core, {Resident(service):N0} MB");

        using var further = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await further.ConnectAsync(IPAddress.Loopback, service.MqttPort);
        Say($"at the limit the next one is answered {await LogInAsync(further, "one-more")} (3: server unavailable); the first one still answers its ping: {await PingsAsync(sockets[0])}");
        sockets.Concat(publishers).ToList().ForEach(socket => socket.Dispose());
        return 0;
    }

    private static async Task<List<Socket>> ConnectAsync(int port, int count, int first)
    {
        var sockets = new List<Socket>();
        for (var begun = 0; begun < count; begun += AtOnce)
        {
            var batch = Enumerable.Range(begun, Math.Min(AtOnce, count - begun)).Select(async i =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return await LogInAsync(socket, $"c-{first + i}") == 0 ? socket : throw new InvalidOperationException($"connection {first + i} was refused");
            });
            sockets.AddRange(await Task.WhenAll(batch));
        }
        return sockets;
    }

    /// <summary>The return code of MQTT 3.1.1.</summary>
    private static async Task<int> LogInAsync(Socket socket, string id)
    {
        var name = Encoding.ASCII.GetBytes(id);
        await socket.SendAsync((byte[])[0x10, (byte)(12 + name.Length), 0, 4, .. "MQTT"u8, 4, 2, 2, 0x58, 0, (byte)name.Length, .. name]);
        var answer = new byte[4];
        await ReadAsync(socket, answer);
        return answer[3];
    }

    /// <summary>Milliseconds from each PUBLISH to its PUBACK.</summary>
    private static async Task<List<double>> PublishAsync(Socket socket, int gateway)
    {
        var waits = new List<double>();
        var answer = new byte[4];
        var all = Stopwatch.StartNew();
        await Task.Delay(gateway % 1000);
        for (ushort id = 1; all.Elapsed < Publishing; id++)
        {
            var one = Stopwatch.StartNew();
            var topic = Encoding.ASCII.GetBytes($"telemetry/v1/gw-{gateway}/manhole_cover/mc-{gateway}");
            var payload = Encoding.ASCII.GetBytes($$$"""{"seq":{{{id}}},"values":{"tilt_angle":1}}""");
            await socket.SendAsync((byte[])[0x32, (byte)(4 + topic.Length + payload.Length), 0, (byte)topic.Length, .. topic, (byte)(id >> 8), (byte)id, .. payload]);
            await ReadAsync(socket, answer);
            waits.Add(one.Elapsed.TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, 1000 - one.Elapsed.TotalMilliseconds)));
        }
        return waits;
    }

    private static async Task<bool> PingsAsync(Socket socket)
    {
        await socket.SendAsync((byte[])[0xC0, 0]);
        var answer = new byte[2];
        await ReadAsync(socket, answer);
        return answer[0] == 0xD0;
    }

    private static async Task ReadAsync(Socket socket, byte[] into)
    {
        for (var have = 0; have < into.Length;)
        {
            var read = await socket.ReceiveAsync(into.AsMemory(have));
            have += read > 0 ? read : throw new InvalidOperationException("the service closed a connection");
        }
    }

    private static double Resident(ServiceProcess service) => service.Memory() / 1048576.0;

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
