using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>The two calls of InfluxDB's HTTP interface that the store needs. Writes are for one thread at a time, queries for any.</summary>
internal sealed class InfluxClient : IDisposable
{
    private const int MostOfErrorBody = 64 << 10;
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly TokenSource _token;
    private readonly Lock _tokenGate = new();
    private readonly MemoryStream _compressed = new();

    /// <param name="handler">Null for sockets.</param>
    public InfluxClient(InfluxOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        (_options, _time) = (options, time);
        _token = new TokenSource(options.TokenFile);
        // A new connection now and then, so that a changed address is noticed.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = options.Timeout }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <param name="bucket"><see cref="InfluxOptions.BucketOf"/> a policy.</param>
    public async Task<InfluxVerdict> WriteAsync(ReadOnlyMemory<byte> lines, string bucket, CancellationToken cancellationToken)
    {
        var verdict = await WriteOnceAsync(lines, bucket, cancellationToken);
        // The token may have been changed since it was read.
        return verdict.Action == InfluxAction.Credentials && Refused() ? await WriteOnceAsync(lines, bucket, cancellationToken) : verdict;
    }

    /// <summary>One answer to each statement.</summary>
    /// <exception cref="StoreAwayException">There is no answer, or it is an error.</exception>
    public async Task<JsonDocument> QueryAsync(string influxql, CancellationToken cancellationToken)
    {
        var (status, document, error) = await QueryOnceAsync(influxql, cancellationToken);
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && Refused())
            (_, document, error) = await QueryOnceAsync(influxql, cancellationToken);
        return document ?? throw error!;
    }

    /// <summary>The answer in pieces, at most one series in each, so that a long one is never in memory as a whole.</summary>
    /// <param name="timeout">For all of it.</param>
    /// <exception cref="StoreAwayException">There is no answer, it is an error, or it breaks off.</exception>
    public async Task QueryAsync(string influxql, TimeSpan timeout, Func<JsonElement, Task> take, CancellationToken cancellationToken)
    {
        using var request = Query(influxql, [new("chunked", "true"), new("chunk_size", "5000")]);
        using var deadline = new LinkedDeadline(timeout, _time, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (!response.IsSuccessStatusCode)
            {
                if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                    Refused();
                throw Away(response, await BodyAsync(response, deadline.Token));
            }
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            await foreach (var piece in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(body, topLevelValues: true, cancellationToken: deadline.Token))
            {
                if (ErrorOf(piece) is { } problem)
                    throw new StoreAwayException($"InfluxDB answers: {problem}; Influx:Bucket = {_options.Bucket}");
                await take(piece);
            }
        }
        catch (JsonException error)
        {
            throw NotInfluxs(error);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException and not StoreAwayException && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreAwayException(InfluxVerdict.Judge(error, _options with { Timeout = timeout }).Detail, error);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _compressed.Dispose();
    }

    private async Task<InfluxVerdict> WriteOnceAsync(ReadOnlyMemory<byte> lines, string bucket, CancellationToken cancellationToken)
    {
        using var request = Post(new Uri(_options.Url, $"api/v2/write?org={Uri.EscapeDataString(_options.Org)}&bucket={Uri.EscapeDataString(bucket)}&precision=ns"));
        request.Content = Content(lines);
        using var deadline = Deadline(cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var body = response.IsSuccessStatusCode ? "" : await BodyAsync(response, deadline.Token);
            return InfluxVerdict.Judge(response.StatusCode, body, response.Headers.RetryAfter, _time.GetUtcNow(), _options, bucket);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return InfluxVerdict.Judge(error, _options);
        }
    }

    private async Task<(HttpStatusCode? Status, JsonDocument? Document, StoreAwayException? Error)> QueryOnceAsync(string influxql, CancellationToken cancellationToken)
    {
        using var request = Query(influxql, []);
        using var deadline = Deadline(cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (!response.IsSuccessStatusCode)
                return (response.StatusCode, null, Away(response, await BodyAsync(response, deadline.Token)));
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            var document = await JsonDocument.ParseAsync(body, default, deadline.Token);
            if (ErrorOf(document.RootElement) is not { } problem)
                return (response.StatusCode, document, null);
            document.Dispose();
            return (response.StatusCode, null, new StoreAwayException($"InfluxDB answers: {problem}; Influx:Bucket = {_options.Bucket}"));
        }
        catch (JsonException error)
        {
            return (null, null, NotInfluxs(error));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (null, null, new StoreAwayException(InfluxVerdict.Judge(error, _options).Detail, error));
        }
    }

    private StoreAwayException Away(HttpResponseMessage response, string body)
    {
        var verdict = InfluxVerdict.Judge(response.StatusCode, body, response.Headers.RetryAfter, _time.GetUtcNow(), _options);
        return new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
    }

    private StoreAwayException NotInfluxs(JsonException error) => new($"{_options.Url} answers a query with something that is not InfluxDB's: {error.Message}", error);

    private static string? ErrorOf(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("results", out var results) || results.ValueKind != JsonValueKind.Array || results.GetArrayLength() == 0)
            return "something that is not InfluxDB's";
        foreach (var result in results.EnumerateArray())
        {
            if (result.TryGetProperty("error", out var error))
                return error.ToString();
        }
        return null;
    }

    private HttpRequestMessage Query(string influxql, KeyValuePair<string, string>[] more)
    {
        var request = Post(new Uri(_options.Url, "query"));
        request.Content = new FormUrlEncodedContent([new("db", _options.Bucket), new("epoch", "ns"), new("q", influxql), .. more]);
        return request;
    }

    private HttpRequestMessage Post(Uri url)
    {
        string token;
        lock (_tokenGate)
            token = _token.Current();
        return new HttpRequestMessage(HttpMethod.Post, url) { Headers = { Authorization = new AuthenticationHeaderValue("Token", token) } };
    }

    private bool Refused()
    {
        lock (_tokenGate)
            return _token.Refused();
    }

    private ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> lines)
    {
        if (!_options.Gzip)
            return new ReadOnlyMemoryContent(lines) { Headers = { ContentType = new("text/plain") { CharSet = "utf-8" } } };
        _compressed.SetLength(0);
        using (var gzip = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(lines.Span);
        var content = new ReadOnlyMemoryContent(_compressed.GetBuffer().AsMemory(0, (int)_compressed.Length)) { Headers = { ContentType = new("text/plain") { CharSet = "utf-8" } } };
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[MostOfErrorBody];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
    }

    private LinkedDeadline Deadline(CancellationToken cancellationToken) => new(_options.Timeout, _time, cancellationToken);

    /// <summary>Ends with the caller's token or after the time-out.</summary>
    private sealed class LinkedDeadline : IDisposable
    {
        private readonly CancellationTokenSource _deadline;
        private readonly CancellationTokenSource _either;

        public LinkedDeadline(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
        {
            _deadline = new CancellationTokenSource(timeout, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _deadline.Dispose();
        }
    }
}
