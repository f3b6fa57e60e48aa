using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>What follows from an answer to a write.</summary>
public enum InfluxAction
{
    /// <summary>Every line is stored, or needs no storing.</summary>
    Done,

    /// <summary>Some line is at fault: halve the request until it stands alone.</summary>
    FindLine,

    /// <summary>400 without a word about lines: a line that is certainly right tells whether the lines or the request are at fault.</summary>
    Probe,

    /// <summary>Too large a request: halve it.</summary>
    Split,

    /// <summary>The token was refused: read it again.</summary>
    Credentials,

    /// <summary>The same again later.</summary>
    Retry,
}

/// <summary>One answer to a write, judged: no state, no clock. docs/influx.md has the table; each row of it is a test.</summary>
/// <param name="Reason">One of the names in <see cref="Judge"/>: in the log, the metric, the dead letter and the tests.</param>
/// <param name="Detail">For people; begins with the status where there was one.</param>
public readonly record struct InfluxVerdict(InfluxAction Action, string Reason, string Detail, TimeSpan? RetryAfter = null)
{
    public const string BeyondRetention = "beyond_retention";

    /// <summary>A server that asks for more is asked again all the same.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <param name="bucket">The one that was written to; null for <see cref="InfluxOptions.Bucket"/>.</param>
    public static InfluxVerdict Judge(HttpStatusCode status, string body, RetryConditionHeaderValue? retryAfter, DateTimeOffset now, InfluxOptions options, string? bucket = null)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{(int)status}: {MessageOf(body)}");
        switch ((int)status)
        {
            case >= 200 and < 300:
                return new(InfluxAction.Done, "stored", text);
            case 400 or 422:
                return JudgeLines(body, text);
            case 401 or 403:
                return new(InfluxAction.Credentials, "token_refused", $"{(int)status}: token refused; Influx:TokenFile = {options.TokenFile}");
            case 404:
                return new(InfluxAction.Retry, "bucket_missing", $"{text}; {options.KeyOf(bucket ?? options.Bucket)} = {bucket ?? options.Bucket}, Influx:Org = {options.Org}: create the bucket, or correct the keys");
            case 413:
                return new(InfluxAction.Split, "too_large", text);
            case 429:
                return new(InfluxAction.Retry, "busy", text, Wait(retryAfter, now));
            case 503:
                return new(InfluxAction.Retry, "unavailable", text, Wait(retryAfter, now));
            case >= 500:
                return new(InfluxAction.Retry, "server_error", text);
            default:
                return new(InfluxAction.Retry, "misconfigured", $"{text}; that is no answer of InfluxDB's to a write: Influx:Url = {options.Url}");
        }
    }

    public static InfluxVerdict Judge(Exception error, InfluxOptions options) => error switch
    {
        OperationCanceledException => new(InfluxAction.Retry, "timeout", $"no answer from {options.Url} within {options.Timeout.TotalSeconds:0.#} s"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => new(InfluxAction.Retry, "connection_refused", $"{options.Url} can't be reached: {error.Message}"),
        _ => new(InfluxAction.Retry, "connection_cut", $"the connection to {options.Url} broke: {error.Message}"),
    };

    /// <summary>How many lines the server says it did not store; null where it does not say.</summary>
    public static int? DroppedOf(string detail)
    {
        const string words = "dropped=";
        var at = detail.LastIndexOf(words, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var digits = detail.AsSpan(at + words.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var dropped) ? dropped : null;
    }

    private static InfluxVerdict JudgeLines(string body, string text)
    {
        // What is older than the bucket keeps would be removed at once; the other lines of the request are stored.
        if (Says(body, "beyond retention policy") || Says(body, "outside retention policy"))
            return new(InfluxAction.Done, BeyondRetention, text);
        if (Says(body, "field type conflict"))
            return new(InfluxAction.FindLine, "field_type_conflict", text);
        if (Says(body, "unable to parse"))
            return new(InfluxAction.FindLine, "parse_error", text);
        return Says(body, "partial write") ? new(InfluxAction.FindLine, "partial_write", text) : new(InfluxAction.Probe, "misconfigured", text);
    }

    private static bool Says(string body, string words) => body.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan? Wait(RetryConditionHeaderValue? retryAfter, DateTimeOffset now)
    {
        if ((retryAfter?.Delta ?? retryAfter?.Date - now) is not { } wait)
            return null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestRetryAfter ? LongestRetryAfter : wait;
    }

    /// <summary>1.x says <c>error</c>, 2.x <c>message</c>; a proxy may say anything.</summary>
    private static string MessageOf(string body)
    {
        const int most = 300;
        var text = body.Trim();
        try
        {
            using var json = System.Text.Json.JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == System.Text.Json.JsonValueKind.Object
                && (json.RootElement.TryGetProperty("error", out var message) || json.RootElement.TryGetProperty("message", out message)))
                text = message.ToString();
        }
        catch (System.Text.Json.JsonException)
        {
            // As it is.
        }
        return text.Length == 0 ? "no text" : text.Length <= most ? text : $"{text[..(most / 2)]} … {text[^(most / 2)..]}";
    }
}
