using System.Net;
using System.Net.Http.Headers;
using Telemetry.Ingest.Store.Influx;

namespace Telemetry.Ingest.Tests.Store.Influx;

/// <summary>The table of docs/influx.md, row by row; the bodies of 1.x are those of the real 1.6.7, those of 2.x from its documentation.</summary>
public class InfluxVerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly InfluxOptions Options = InfluxdFixture.Options(new Uri("http://db:8086/"), "city", "/run/token") with { Timeout = TimeSpan.FromSeconds(5) };

    public static TheoryData<string, int, string, InfluxAction, string> Rows => new()
    {
        { "stored", 204, "", InfluxAction.Done, "stored" },
        { "1.x: older than the retention", 400, """{"error":"partial write: points beyond retention policy dropped=3"}""", InfluxAction.Done, "beyond_retention" },
        { "2.x: older than the retention", 422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=3"}""", InfluxAction.Done, "beyond_retention" },
        { "later 2.x: older than the retention", 422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped 3 points outside retention policy of duration 1h0m0s - oldest point m at 2024-11-24T09:20:00Z dropped because it violates a Retention Policy Lower Bound dropped=3 for database: 0a for retention policy: autogen"}""", InfluxAction.Done, "beyond_retention" },
        { "1.x: another type", 400, """{"error":"partial write: field type conflict: input field \"x\" on measurement \"m\" is type string, already exists as type float dropped=2"}""", InfluxAction.FindLine, "field_type_conflict" },
        { "2.x: another type", 422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: input field \"x\" on measurement \"m\" is type string, already exists as type float dropped=2"}""", InfluxAction.FindLine, "field_type_conflict" },
        { "1.x: not line protocol", 400, """{"error":"unable to parse 'garbage': missing fields"}""", InfluxAction.FindLine, "parse_error" },
        { "2.x: not line protocol", 400, """{"code":"invalid","message":"unable to parse 'garbage': missing fields"}""", InfluxAction.FindLine, "parse_error" },
        { "too long a key", 400, """{"error":"partial write: max key length exceeded: 70000 > 65535 dropped=1"}""", InfluxAction.FindLine, "partial_write" },
        { "400 about something else", 400, """{"error":"database is required"}""", InfluxAction.Probe, "misconfigured" },
        { "token refused", 401, """{"code":"unauthorized","message":"unauthorized access"}""", InfluxAction.Credentials, "token_refused" },
        { "token without the right", 403, """{"error":"\"u\" not authorized to write to database \"city\""}""", InfluxAction.Credentials, "token_refused" },
        { "1.x: no database", 404, """{"error":"database not found: \"city\""}""", InfluxAction.Retry, "bucket_missing" },
        { "2.x: no bucket", 404, """{"code":"not found","message":"bucket \"city\" not found"}""", InfluxAction.Retry, "bucket_missing" },
        { "too large", 413, "", InfluxAction.Split, "too_large" },
        { "rate limit", 429, "", InfluxAction.Retry, "busy" },
        { "overloaded", 503, """{"error":"timeout"}""", InfluxAction.Retry, "unavailable" },
        { "the server's own fault", 500, "panic", InfluxAction.Retry, "server_error" },
        { "a proxy without a server", 502, "<html>", InfluxAction.Retry, "server_error" },
        { "somebody else", 301, "", InfluxAction.Retry, "misconfigured" },
        { "somebody else's 405", 405, "", InfluxAction.Retry, "misconfigured" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_answer_has_its_verdict(string name, int status, string body, InfluxAction action, string reason)
    {
        Assert.NotEmpty(name);
        var verdict = InfluxVerdict.Judge((HttpStatusCode)status, body, null, Now, Options);
        Assert.Equal((action, reason, null), (verdict.Action, verdict.Reason, verdict.RetryAfter));
        Assert.StartsWith($"{status}: ", verdict.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_token_names_its_file() =>
        Assert.Equal("401: token refused; Influx:TokenFile = /run/token", InfluxVerdict.Judge(HttpStatusCode.Unauthorized, "", null, Now, Options).Detail);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("86400", 300)]
    [InlineData("Fri, 02 Jan 2026 03:04:35 GMT", 30)]
    [InlineData("Fri, 02 Jan 2026 03:00:00 GMT", 0)]
    public void Retry_after_is_seconds_or_a_date_and_five_minutes_at_most(string header, int seconds)
    {
        foreach (var status in new[] { HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable })
            Assert.Equal(TimeSpan.FromSeconds(seconds), InfluxVerdict.Judge(status, "", RetryConditionHeaderValue.Parse(header), Now, Options).RetryAfter);
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "connection_refused")]
    [InlineData(HttpRequestError.NameResolutionError, "connection_refused")]
    [InlineData(HttpRequestError.ResponseEnded, "connection_cut")]
    [InlineData(HttpRequestError.SecureConnectionError, "connection_cut")]
    public void A_broken_connection_is_tried_again(HttpRequestError error, string reason)
    {
        var verdict = InfluxVerdict.Judge(new HttpRequestException(error, "it broke"), Options);
        Assert.Equal((InfluxAction.Retry, reason), (verdict.Action, verdict.Reason));
        Assert.Contains("http://db:8086/", verdict.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void No_answer_in_time_is_tried_again() =>
        Assert.Equal(new InfluxVerdict(InfluxAction.Retry, "timeout", "no answer from http://db:8086/ within 5 s"), InfluxVerdict.Judge(new TaskCanceledException(), Options));

    [Theory]
    [InlineData("partial write: ... dropped=12", 12)]
    [InlineData("400: partial write: dropped=3 more", 3)]
    [InlineData("nothing", null)]
    public void How_many_lines_were_dropped_stands_in_the_text(string detail, int? dropped) => Assert.Equal(dropped, InfluxVerdict.DroppedOf(detail));

    [Fact]
    public void A_long_message_is_cut_in_its_middle()
    {
        var verdict = InfluxVerdict.Judge(HttpStatusCode.BadRequest, $$"""{"error":"partial write: unable to parse '{{new string('x', 10_000)}}' dropped=4"}""", null, Now, Options);
        Assert.InRange(verdict.Detail.Length, 100, 400);
        Assert.Equal(4, InfluxVerdict.DroppedOf(verdict.Detail));
    }
}
