using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>TCP, and TLS where the address says so.</summary>
internal static class BrokerSocket
{
    /// <exception cref="SocketException"/>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The broker's certificate is not trusted.</exception>
    /// <exception cref="BrokerFailureException">It speaks no TLS.</exception>
    public static async Task<Stream> OpenAsync(ExternalOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!options.Tls)
                return stream;
            var tls = new SslStream(stream);
            stream = tls;
            await tls.AuthenticateAsClientAsync(TlsOptions(options), cancellationToken);
            return tls;
        }
        catch (IOException error) when (stream is SslStream)
        {
            await stream.DisposeAsync();
            throw new BrokerFailureException(BrokerFailure.Tls, $"no TLS there: {error.Message}", error);
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions TlsOptions(ExternalOptions options)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = options.Host };
        if (options.CaFile is null)
            return tls;
        // An authority of one's own publishes no revocations.
        tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        tls.CertificateChainPolicy.CustomTrustStore.AddRange(options.ReadAuthorities());
        return tls;
    }
}
