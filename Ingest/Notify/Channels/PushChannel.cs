using System.Buffers.Text;
using System.IO.Hashing;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Push;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>
/// To every browser that a person has subscribed: sent once one push service has taken it. A browser that its service knows no more, or whose address leads into this
/// network, is taken off the list.
/// </summary>
/// <param name="authorities">Trusted beside the system's.</param>
internal sealed class PushChannel(PushOptions options, PushKey key, Browsers browsers, X509Certificate2Collection authorities) : INotifyChannel, IDisposable
{
    /// <summary>Bytes of an answer, which nobody reads.</summary>
    private const int MaxAnswer = 16 * 1024;

    private readonly HttpClient _client = new(new Signature(options.Subject, key, new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, options, cancellationToken),
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None || (authorities.Count > 0 && TrustedBy.Authorities(authorities, certificate as X509Certificate2, chain, errors)),
        },
    }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswer,
    };

    /// <summary>The address leads into this network: no push service is there.</summary>
    private sealed class NotPublicException() : IOException("not in the internet");

    /// <summary>Signs for the whole origin, as RFC 8292 has it: the library leaves out a port.</summary>
    private sealed class Signature(string subject, PushKey key, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var vapid = new VapidAuthentication(key.Public, key.Private) { Subject = subject };
            request.Headers.Authorization = new AuthenticationHeaderValue("vapid", vapid.GetVapidSchemeAuthenticationHeaderValueParameter(request.RequestUri!.GetLeftPart(UriPartial.Authority)));
            return base.SendAsync(request, cancellationToken);
        }
    }

    public string Name => ChannelNames.Push;

    public int AtOnce => 8;

    public async Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Person is not { } person)
            return Outcome.UnknownRecipient;
        var outcomes = await Task.WhenAll(browsers.Of(person.Id).Select(browser => SendAsync(browser, envelope, cancellationToken)));
        return outcomes.OfType<Outcome>().MinBy(outcome => outcome.Verdict) ?? Outcome.UnknownRecipient;
    }

    public void Dispose() => _client.Dispose();

    /// <returns>Null where there is no such browser any more.</returns>
    private async Task<Outcome?> SendAsync(BrowserSubscription browser, Envelope envelope, CancellationToken cancellationToken)
    {
        var subscription = new PushSubscription { Endpoint = browser.Endpoint };
        subscription.SetKey(PushEncryptionKeyName.P256DH, browser.P256dh);
        subscription.SetKey(PushEncryptionKeyName.Auth, browser.Auth);
        using var vapid = new VapidAuthentication(key.Public, key.Private) { Subject = options.Subject };
        try
        {
            // How often and when it is tried again, the outbox says.
            await new PushServiceClient(_client) { AutoRetryAfter = false }.RequestPushMessageDeliveryAsync(subscription, MessageOf(envelope), vapid, cancellationToken);
            return Outcome.Sent;
        }
        catch (PushServiceClientException error) when (error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            browsers.Remove(browser.Endpoint);
            return null;
        }
        catch (PushServiceClientException error)
        {
            return HttpCaller.ProblemOf(error.StatusCode, error.Headers) ?? Outcome.Sent;
        }
        catch (HttpRequestException error) when (error.InnerException is NotPublicException)
        {
            browsers.Remove(browser.Endpoint);
            return null;
        }
        catch (HttpRequestException error)
        {
            return HttpCaller.ProblemOf(error);
        }
    }

    private static PushMessage MessageOf(Envelope envelope)
    {
        var (message, text) = (envelope.Message, envelope.Text);
        var topic = TopicOf(message);
        var content = JsonSerializer.Serialize(new { title = text.Subject, body = text.Notification(envelope.Code), url = text.Link, tag = topic ?? envelope.Key, urgent = message.Kind is MessageKind.Call, quiet = message.Kind is MessageKind.Quiet });
        return new PushMessage(content)
        {
            Topic = topic,
            TimeToLive = (int)(RetryLimits.Of(message.Kind).Life / 1000),
            Urgency = message.Kind switch
            {
                MessageKind.Call or MessageKind.Proof => PushMessageUrgency.High,
                MessageKind.Notice => PushMessageUrgency.Normal,
                _ => PushMessageUrgency.Low,
            },
        };
    }

    /// <summary>What a message replaces while its browser is away: what was said of the same alarm alone. One of several places replaces nothing, nor is it replaced.</summary>
    private static string? TopicOf(Message message) =>
        message.Places is [var place] ? Base64Url.EncodeToString(XxHash128.Hash(Encoding.UTF8.GetBytes(place.Alarm.Id))) : null;

    /// <summary>To an address that was looked at, and not to what the name means a moment later.</summary>
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, PushOptions options, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(to.Host, cancellationToken);
        if (!options.Origins.Any(origin => PushEndpoint.Matches(origin, to.Host, to.Port)))
        {
            addresses = [.. addresses.Where(PushEndpoint.IsPublic)];
            if (addresses.Length == 0)
                throw new NotPublicException();
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
