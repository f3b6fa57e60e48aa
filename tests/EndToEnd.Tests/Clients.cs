using System.Diagnostics;
using System.Globalization;

namespace Telemetry.EndToEnd.Tests;

/// <summary>MQTT clients that none of us wrote: Debian's mosquitto_pub and npm's MQTT.js.</summary>
internal static class Clients
{
    public static Task MosquittoPubAsync(int port, string topic, string payload, params string[] more) =>
        Tool.FeedAsync("mosquitto_pub", payload, ["-h", "127.0.0.1", "-p", Text(port), "-t", topic, "-s", .. more]);

    /// <summary>Publishes by MQTT.js and waits for its acknowledgement.</summary>
    public static Task MqttJsAsync(int port, int version, int qos, string topic, string payload) =>
        Tool.FeedAsync("node", payload, [Path.Combine(Repository.Root, "tests/EndToEnd.Tests/clients/publish.js"), Text(port), Text(version), Text(qos), topic]);

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
