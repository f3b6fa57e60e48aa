using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Telemetry.Ingest.Security;

/// <summary>
/// TLS 1.2 and 1.3 on an endpoint of Kestrel, with the certificate as its file has it at each handshake. A handshake that fails (plain bytes,
/// an old version, a client that does not trust us) is counted, and logged once a minute for each address.
/// </summary>
public sealed partial class TlsEndpoint(TimeProvider time, ILogger<TlsEndpoint> logger)
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly object Done = new();

    private readonly ConcurrentDictionary<string, long> _failures = new();
    private readonly OncePerInterval _said = new(TimeSpan.FromMinutes(1), time);

    private volatile Asking? _asking;

    private sealed record Asking(SslStreamCertificateContext Own, string Authorities, SslStreamCertificateContext With);

    /// <summary>By listener: <c>mqtt</c>, <c>http</c>.</summary>
    public IReadOnlyDictionary<string, long> Failures => _failures;

    /// <param name="listener"><c>mqtt</c> or <c>http</c>.</param>
    /// <param name="protocols">For ALPN; null where none is negotiated.</param>
    /// <param name="authorities">Clients are asked for a certificate of theirs; who shows none, or another one, goes on without. Null: nobody is asked.</param>
    public void Use(ListenOptions endpoint, string listener, Func<ServerCertificate> certificate, IReadOnlyList<SslApplicationProtocol>? protocols, Func<ClientAuthorities>? authorities = null)
    {
        endpoint.Use(next => connection => WatchAsync(connection, listener, next));
        endpoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeTimeout,
            OnConnection = handshake =>
            {
                var options = new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate().Context,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [.. protocols ?? []],
                };
                if (authorities is not null)
                    Ask(options, handshake.Connection, authorities());
                return ValueTask.FromResult(options);
            },
        });
        endpoint.Use(next => connection =>
        {
            connection.Items[Done] = Done;
            return next(connection);
        });
    }

    // Whatever is shown ends the handshake well: the login refuses it, where its reason is counted with all others and told in MQTT.
    private void Ask(SslServerAuthenticationOptions options, ConnectionContext connection, ClientAuthorities authorities)
    {
        options.ClientCertificateRequired = true;
        options.ServerCertificateContext = WithNames(options.ServerCertificateContext!, authorities);
        // A session that is taken up again would bring the certificate without those between it and its root.
        options.AllowTlsResume = false;
        options.CertificateChainPolicy = authorities.Policy(time);
        options.RemoteCertificateValidationCallback = (_, shown, chain, _) =>
        {
            if (shown is null)
                return true;
            if (shown is not X509Certificate2 certificate || chain is null)
                return false;
            authorities.Judge(certificate, chain, time).Keep(connection);
            return true;
        };
    }

    // A client is told whose certificates are asked for: a browser that has none of them asks its user nothing.
    private SslStreamCertificateContext WithNames(SslStreamCertificateContext own, ClientAuthorities authorities)
    {
        if (_asking is { } asking && ReferenceEquals(asking.Own, own) && asking.Authorities == authorities.Stamp)
            return asking.With;
        var trust = SslCertificateTrust.CreateForX509Collection([.. authorities.All], sendTrustInHandshake: true);
        var with = SslStreamCertificateContext.Create(own.TargetCertificate, [.. own.IntermediateCertificates], offline: true, trust);
        _asking = new Asking(own, authorities.Stamp, with);
        return with;
    }

    private async Task WatchAsync(ConnectionContext connection, string listener, ConnectionDelegate next)
    {
        await next(connection);
        if (connection.Items.ContainsKey(Done))
            return;
        _failures.AddOrUpdate(listener, 1, (_, count) => count + 1);
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (_said.May($"{listener} {address}"))
            LogFailed(listener, address);
    }

    [LoggerMessage(LogLevel.Warning, "TLS handshake on the {Listener} port failed, from {Address}: plain bytes, an older TLS version, or a client that does not trust this certificate")]
    private partial void LogFailed(string listener, IPAddress? address);
}
