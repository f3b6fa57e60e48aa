namespace Telemetry.Benchmarks.Peers;

/// <summary>Debian's syslog-ng with a reliable disk buffer, fed by mosquitto_sub.</summary>
internal sealed class SyslogNg(Stand stand) : ProgramSubject(stand)
{
    protected override PeerProcess Launch()
    {
        var configuration = Configure("SyslogNg/syslog-ng.conf", "syslog-ng.conf", ("BROKER_PORT", $"{Stand.Broker!.Port}"), ("SINK_URL", Stand.Sink!.WriteUrl.ToString()), ("RUN_FOLDER", Stand.Folder));
        string In(string name) => Path.Combine(Stand.Folder, name);
        return new PeerProcess("/usr/sbin/syslog-ng", ["-F", "-f", configuration, "-R", In("persist"), "-p", In("pid"), "-c", In("ctl"), "--no-caps"]);
    }
}
