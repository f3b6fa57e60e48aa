using System.Diagnostics;
using System.Globalization;

namespace Telemetry.EndToEnd.Tests;

/// <summary>MQTT clients that none of us wrote: Debian's mosquitto_pub and npm's MQTT.js.</summary>
internal static class Clients
{
    public static Task MosquittoPubAsync(int port, string topic, string payload, params string[] more) =>
        RunAsync("mosquitto_pub", payload, ["-h", "127.0.0.1", "-p", Text(port), "-t", topic, "-s", .. more]);

    /// <summary>Publishes by MQTT.js and waits for its acknowledgement.</summary>
    public static Task MqttJsAsync(int port, int version, int qos, string topic, string payload) =>
        RunAsync("node", payload, [Path.Combine(Repository.Root, "tests/EndToEnd.Tests/clients/publish.js"), Text(port), Text(version), Text(qos), topic]);

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public static async Task RunAsync(string program, string input, string[] arguments)
    {
        using var process = Start(program, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await output}{await error}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
