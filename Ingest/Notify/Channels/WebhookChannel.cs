using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary><c>Notify:Webhook:*</c>.</summary>
internal sealed record WebhookOptions(Uri Url, SecretFile Secret);

/// <summary>
/// A copy of every message to a program, as JSON. <c>Idempotency-Key</c> is the message's key; <c>Telemetry-Signature: t=SECONDS,v1=HEX</c> is
/// HMAC-SHA256 over <c>SECONDS.BODY</c> under the secret.
/// </summary>
/// <param name="now">Unix ms: the receiver may refuse what was signed long ago.</param>
internal sealed class WebhookChannel(WebhookOptions options, HttpCaller http, Func<long> now) : INotifyChannel
{
    public const string SignatureHeader = "Telemetry-Signature";

    public string Name => ChannelNames.Webhook;

    public int AtOnce => 8;

    public async Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var body = MessageJson.Of(envelope);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", envelope.Key);
        request.Headers.Add(SignatureHeader, Sign(options.Secret.Bytes(), now() / 1000, body));
        return (await http.SendAsync(request, cancellationToken)).Problem ?? Outcome.Sent;
    }

    internal static string Sign(byte[] secret, long seconds, ReadOnlySpan<byte> body)
    {
        var at = seconds.ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(at + "."), .. body];
        var mac = HMACSHA256.HashData(secret, signed);
        return $"t={at},v1={Convert.ToHexStringLower(mac)}";
    }
}
