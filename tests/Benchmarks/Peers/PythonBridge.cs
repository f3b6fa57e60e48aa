namespace Telemetry.Benchmarks.Peers;

/// <summary>Fifty lines of Python on paho, as somebody in a hurry writes them.</summary>
internal sealed class PythonBridge(Stand stand) : ProgramSubject(stand)
{
    protected override PeerProcess Launch() =>
        new("/usr/bin/python3", [Path.Combine(SubjectKind.Folder, "PythonBridge/bridge.py"), $"{Stand.Broker!.Port}", Stand.Sink!.WriteUrl.ToString()]);
}
