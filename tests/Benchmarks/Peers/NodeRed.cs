namespace Telemetry.Benchmarks.Peers;

/// <summary>Node-RED with its own nodes: mqtt in, json, function, join, http request.</summary>
internal sealed class NodeRed(Stand stand) : ProgramSubject(stand)
{
    protected override PeerProcess Launch()
    {
        // The port of its editor, which is switched off; it listens all the same.
        var settings = Configure("NodeRed/settings.js", "settings.js", ("UI_PORT", $"{FreePort.Next()}"));
        var flow = Configure("NodeRed/flow.json", "flow.json", ("BROKER_PORT", $"{Stand.Broker!.Port}"), ("SINK_URL", Stand.Sink!.WriteUrl.ToString()));
        return new PeerProcess("node", ["--max-old-space-size=2048", Path.Combine(SubjectKind.Folder, "NodeRed/node_modules/node-red/red.js"), "-u", Stand.Folder, "-s", settings, flow]);
    }
}
