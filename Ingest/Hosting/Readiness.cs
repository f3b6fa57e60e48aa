using System.Collections.Concurrent;

namespace Telemetry.Ingest.Hosting;

/// <summary>What the service still waits for or cannot do, by name: the answer of /health/ready. Any thread.</summary>
public sealed class Readiness
{
    /// <summary>Stands from the beginning, until the composition root has opened its ports.</summary>
    public const string Starting = "starting";

    /// <summary>The rules replay what the log held at start.</summary>
    public const string RulesBehind = "rules_behind";

    /// <summary>A store refuses writes; the log keeps everything meanwhile.</summary>
    public const string StoreFailing = "store_failing";

    /// <summary>Reported by the log itself; see <see cref="Log.DurableLog.Unwritable"/>.</summary>
    public const string LogUnwritable = "log_unwritable";

    private readonly ConcurrentDictionary<string, string> _missing = new([new(Starting, "the service is starting")]);

    public IReadOnlyDictionary<string, string> Missing => _missing;

    /// <param name="reason">For people: what is wrong, since when or how far.</param>
    public void NotReady(string name, string reason) => _missing[name] = reason;

    public void Ready(string name) => _missing.TryRemove(name, out _);
}
