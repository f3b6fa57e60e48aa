using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>Whether a server's certificate is one of <c>Notify:CaFile</c>'s, for libraries that ask by a callback.</summary>
internal static class TrustedBy
{
    public static bool Authorities(X509Certificate2Collection authorities, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Clear();
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
