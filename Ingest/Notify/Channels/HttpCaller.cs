using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>What a receiver answered, or why it did not.</summary>
/// <param name="Problem">Null where it answered 2xx; whether that is a yes, its body says.</param>
internal readonly record struct HttpReply(Outcome? Problem, string Body);

/// <summary>One request, one <see cref="Outcome"/>. Follows no redirect: a message goes where the configuration says, or nowhere.</summary>
/// <param name="authorities">Trusted instead of the system's; empty for the system's.</param>
internal sealed class HttpCaller(X509Certificate2Collection authorities) : IDisposable
{
    /// <summary>Bytes of an answer; what says more is no provider.</summary>
    private const int MaxAnswer = 64 * 1024;

    private static readonly TimeSpan MostWait = TimeSpan.FromHours(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // A provider behind a name that moves.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(authorities) },
    })
    {
        // Each attempt has its own.
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswer,
    };

    public async Task<HttpReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            var body = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return new HttpReply(ProblemOf(answer.StatusCode, answer.Headers), body);
        }
        catch (HttpRequestException error)
        {
            return new HttpReply(ProblemOf(error), "");
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What an answer means; null for a yes.</summary>
    public static Outcome? ProblemOf(HttpStatusCode code, HttpResponseHeaders headers)
    {
        var status = FormattableString.Invariant($"http {(int)code}");
        return code switch
        {
            >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => null,
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => Outcome.Busy(status, RetryAfter(headers)),
            HttpStatusCode.RequestTimeout => Outcome.TimedOut,
            // The address or the credentials are wrong, or nobody has paid; it is not the message.
            HttpStatusCode.Unauthorized or HttpStatusCode.PaymentRequired or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.ProxyAuthenticationRequired => Outcome.Denied(status),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => Outcome.Refused(status),
            < HttpStatusCode.BadRequest => Outcome.BadAnswer(status),
            _ => Outcome.Failed(status),
        };
    }

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        var wait = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            // By the receiver's own clock, which need not be ours.
            { Date: { } date } when headers.Date is { } at => date - at,
            _ => (TimeSpan?)null,
        };
        return wait is not { } asked ? null : asked < TimeSpan.Zero ? TimeSpan.Zero : asked > MostWait ? MostWait : asked;
    }

    public static Outcome ProblemOf(HttpRequestException error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
                return Outcome.Unreachable("tls");
            if (cause is SocketException socket)
                return Outcome.Unreachable(socket.SocketErrorCode.ToString());
        }
        return error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? Outcome.BadAnswer("too long") : Outcome.Unreachable(error.HttpRequestError.ToString());
    }

    private static X509ChainPolicy? PolicyOf(X509Certificate2Collection authorities)
    {
        if (authorities.Count == 0)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
