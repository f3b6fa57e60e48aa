using System.Collections.Concurrent;

namespace Telemetry.Ingest.Hosting;

/// <summary>What the service still waits for or cannot do, by name: the answer of /health/ready. Any thread.</summary>
public sealed class Readiness
{
    /// <summary>Stands from the beginning, until the composition root has opened its ports.</summary>
    public const string Starting = "starting";

    /// <summary>A store refuses writes; the log keeps everything meanwhile.</summary>
    public const string StoreFailing = "store_failing";

    /// <summary>SQLite or the checkpoint can't be written; alarms stand in memory and in the log.</summary>
    public const string ProjectionsFailing = "projections_failing";

    /// <summary>No connection to the external broker; it keeps what gateways send, as far as it can.</summary>
    public const string BrokerUnreachable = "broker_unreachable";

    /// <summary>This district's service does not reach the city's; its log keeps what is to be forwarded.</summary>
    public const string CityUnreachable = "city_unreachable";

    public const string LogUnwritable = "log_unwritable";

    /// <summary>What is to be told can't be stored: nobody is told.</summary>
    public const string NotifyFailing = "notify_failing";

    /// <summary>A channel by which people are told is dead; messages go by the next one.</summary>
    public const string ChannelDead = "channel_dead";

    /// <summary>No node of the cluster is known to be the owner for 30 s: nobody does what is done once.</summary>
    public const string NoOwner = "no_owner";

    /// <summary>Positions are in use, and none of them is manned: nobody hears the alarms.</summary>
    public const string NobodyOnDuty = "nobody_on_duty";

    private readonly ConcurrentDictionary<string, Func<string?>> _watched = new([new(Starting, () => "the service is starting")]);

    /// <summary>Asks at each look; null means ready. The answer is for people: what is wrong, or how far it has come.</summary>
    public void Watch(string name, Func<string?> whyNot) => _watched[name] = whyNot;

    public void Ready(string name) => _watched.TryRemove(name, out _);

    public IReadOnlyDictionary<string, string> Missing()
    {
        var missing = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, whyNot) in _watched)
        {
            if (whyNot() is { } reason)
                missing[name] = reason;
        }
        return missing;
    }
}
