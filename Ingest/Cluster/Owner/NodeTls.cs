using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Connections.Security;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>TLS between silos, on both sides with the certificate as its file has it at each handshake: whoever shows none that the cluster's authority has signed is refused.</summary>
internal sealed partial class NodeTls
{
    private readonly Func<NodeCertificate> _certificate;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OncePerInterval _said;

    private NodeTls(Func<NodeCertificate> certificate, TimeProvider time, ILogger logger) =>
        (_certificate, _time, _logger, _said) = (certificate, time, logger, new OncePerInterval(TimeSpan.FromMinutes(1), time));

    public static void Use(ISiloBuilder silo, Func<NodeCertificate> certificate, TimeProvider time, ILogger logger)
    {
        var tls = new NodeTls(certificate, time, logger);
        silo.UseTls(options =>
        {
            // Orleans wants one from the beginning; the context of each connection goes before it.
            options.LocalCertificate = certificate().Own.Context.TargetCertificate;
            options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.RemoteCertificateValidation = tls.IsNode;
            options.OnAuthenticateAsServer = tls.AsServer;
            options.OnAuthenticateAsClient = tls.AsClient;
        });
    }

    // A session that is taken up again would not be judged again.
    private void AsServer(ConnectionContext connection, TlsServerAuthenticationOptions options)
    {
        var own = _certificate();
        var server = (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions;
        // Orleans sets a choice of its own, by the name that is called; the framework takes one of the two alone.
        server.ServerCertificateSelectionCallback = null;
        (server.ServerCertificateContext, server.CertificateChainPolicy, server.AllowTlsResume) = (own.Own.Context, own.Policy(_time), false);
    }

    private void AsClient(ConnectionContext connection, TlsClientAuthenticationOptions options)
    {
        var own = _certificate();
        var client = (SslClientAuthenticationOptions)options.SslClientAuthenticationOptions;
        (client.ClientCertificateContext, client.CertificateChainPolicy, client.AllowTlsResume) = (own.Own.Context, own.Policy(_time), false);
    }

    private bool IsNode(X509Certificate2 shown, X509Chain? chain, SslPolicyErrors faults)
    {
        if (faults == SslPolicyErrors.None)
            return true;
        if (_said.May("refused"))
            LogRefused(LogText.Safe(shown.Subject), string.Join(", ", chain?.ChainStatus.Select(status => status.Status.ToString()) ?? []));
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "another node's certificate is refused: {Subject} ({Faults}); Cluster:NodeCaFile holds whoever signs the nodes' certificates")]
    private partial void LogRefused(string subject, string faults);
}
