using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>Which InfluxDB, and how it is spoken to. 2.x, and 1.x behind a rewrite of the write path.</summary>
public sealed record InfluxOptions
{
    /// <summary>What <c>Influx:</c> takes.</summary>
    public static readonly IReadOnlyList<string> Keys = ["Influx:Url", "Influx:Org", "Influx:Bucket", "Influx:MinutesBucket", "Influx:HoursBucket", "Influx:AlarmsBucket", "Influx:TokenFile", "Influx:Timeout", "Influx:Gzip"];

    /// <summary>http or https, host and port; a path before InfluxDB's own is kept.</summary>
    public required Uri Url { get; init; }

    public required string Org { get; init; }

    /// <summary>Also the database that InfluxQL names.</summary>
    public required string Bucket { get; init; }

    /// <summary>Where summaries of minutes go, InfluxQL's policy <c>1m</c>; null like <see cref="HoursBucket"/>: nothing is downsampled.</summary>
    public string? MinutesBucket { get; init; }

    /// <summary>Where summaries of hours go, InfluxQL's policy <c>1h</c>.</summary>
    public string? HoursBucket { get; init; }

    public bool Downsamples => MinutesBucket is not null;

    /// <summary>Where alarm transitions and the figures of the operators' load go, for longer than readings are kept. Default <see cref="Bucket"/>; on 1.x <c>city/alarms</c>, database and retention policy.</summary>
    public string? AlarmsBucket { get; init; }

    /// <summary>Holds the token alone. Read again when the file changes and when the server refuses the token.</summary>
    public required string TokenFile { get; init; }

    /// <summary>For one request, answer included. Default 10 s, 100 ms to 10 min: shorter makes a busy server look dead, longer delays the retry after a cut.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether writes are compressed, for a fifth more processor time (decision 0006). Default <c>auto</c>: not on loopback.</summary>
    public bool Gzip { get; init; }

    /// <summary>Lines of one request, from 1. Default 5,000, InfluxDB's own advice; a request that is too large all the same is halved.</summary>
    public int MaxLines { get; init; } = 5_000;

    /// <summary>The bucket of a retention policy, <c>1m</c>, <c>1h</c>, <c>alarms</c> or one that has none of its own.</summary>
    public string BucketOf(string policy) => policy switch { "1m" => MinutesBucket, "1h" => HoursBucket, "alarms" => AlarmsBucket, _ => null } ?? Bucket;

    /// <summary>The measurement as InfluxQL names it: <c>"alarms"."alarm"</c>, without the policy where it has no bucket of its own.</summary>
    public string From(string policy, string measurement) => BucketOf(policy) == Bucket ? $"\"{measurement}\"" : $"\"{policy}\".\"{measurement}\"";

    /// <summary>The configuration key that names the bucket.</summary>
    public string KeyOf(string bucket) =>
        bucket == Bucket ? "Influx:Bucket" : bucket == MinutesBucket ? "Influx:MinutesBucket" : bucket == HoursBucket ? "Influx:HoursBucket" : "Influx:AlarmsBucket";

    /// <summary>Null when <c>Store:Kinds</c> does not name InfluxDB, or when something is wrong: then <paramref name="wrong"/> was told key, value and rule.</summary>
    public static InfluxOptions? Read(IConfiguration configuration, bool wanted, Action<string, string?, string> wrong)
    {
        if (!wanted)
        {
            foreach (var key in Keys)
            {
                if (configuration[key] is { } value)
                    wrong(key, value, "Store:Kinds does not name influxdb; add it there, or leave this key out");
            }
            return null;
        }
        var url = UrlOf(configuration["Influx:Url"], wrong);
        var org = Text("Influx:Org", "the organization that the bucket belongs to");
        var bucket = Text("Influx:Bucket", "the bucket that readings go to");
        var (minutes, hours) = SummariesOf(configuration, bucket, wrong);
        var tokenFile = Text("Influx:TokenFile", "a file that holds the API token alone");
        if (tokenFile is not null && TokenSource.Problem(tokenFile) is { } problem)
            wrong("Influx:TokenFile", tokenFile, problem);
        var timeout = TimeoutOf(configuration["Influx:Timeout"], wrong);
        var gzip = GzipOf(configuration["Influx:Gzip"], url, wrong);
        return url is null || org is null || bucket is null || tokenFile is null
            ? null
            : new InfluxOptions
            {
                Url = url,
                Org = org,
                Bucket = bucket,
                MinutesBucket = minutes,
                HoursBucket = hours,
                AlarmsBucket = configuration["Influx:AlarmsBucket"] is { Length: > 0 } alarms ? alarms : null,
                TokenFile = tokenFile,
                Timeout = timeout,
                Gzip = gzip,
            };

        string? Text(string key, string what)
        {
            if (configuration[key] is { Length: > 0 } text)
                return text;
            wrong(key, configuration[key], $"Store:Kinds names influxdb, which needs {what}");
            return null;
        }
    }

    private static (string? Minutes, string? Hours) SummariesOf(IConfiguration configuration, string? bucket, Action<string, string?, string> wrong)
    {
        var (minutes, hours) = (configuration["Influx:MinutesBucket"], configuration["Influx:HoursBucket"]);
        if (minutes is null && hours is null)
            return (null, null);
        if (minutes is not { Length: > 0 })
            wrong("Influx:MinutesBucket", minutes, "Influx:HoursBucket is given, and hours are made of minutes: name a bucket for these too, or leave both out");
        else if (hours is not { Length: > 0 })
            wrong("Influx:HoursBucket", hours, "Influx:MinutesBucket is given: name a bucket for hours too, or leave both out");
        else if (minutes == hours || minutes == bucket || hours == bucket)
            wrong("Influx:HoursBucket", hours, $"Influx:Bucket = {bucket}, Influx:MinutesBucket = {minutes}: three different buckets, as their summaries would be mixed with readings");
        return (minutes, hours);
    }

    private static Uri? UrlOf(string? text, Action<string, string?, string> wrong)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.UserInfo.Length == 0)
            return url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
        wrong("Influx:Url", text, "Store:Kinds names influxdb, which needs its address, such as http://127.0.0.1:8086, without user or query");
        return null;
    }

    private static TimeSpan TimeoutOf(string? text, Action<string, string?, string> wrong)
    {
        var fallback = TimeSpan.FromSeconds(10);
        if (text is null)
            return fallback;
        if (Quantity.Duration(text) is >= 100 and <= 600_000 and var milliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        wrong("Influx:Timeout", text, "a duration from 0.1s to 10m, such as 10s");
        return fallback;
    }

    private static bool GzipOf(string? text, Uri? url, Action<string, string?, string> wrong)
    {
        switch (text)
        {
            case null or "auto":
                return url is { IsLoopback: false };
            case "on" or "off":
                return text == "on";
            default:
                wrong("Influx:Gzip", text, "auto, on or off");
                return false;
        }
    }
}
