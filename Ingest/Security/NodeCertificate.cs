using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>Where a node's certificate lies, and that of whoever signs the nodes' certificates.</summary>
/// <param name="CaPath"><c>Cluster:NodeCaFile</c>, PEM.</param>
public sealed record NodeCertificateFiles(CertificateFiles Own, string CaPath)
{
    public IReadOnlyList<string> All { get; } = [.. Own.All, CaPath];
}

/// <summary>
/// By what this node shows the other nodes of its cluster that it is one of them, and by whom they show it. Whatever such an authority has signed is a node: it signs for
/// this cluster and nothing else, and the address in the certificate counts for nothing.
/// </summary>
/// <param name="Authorities">Roots, and what stands between them and the nodes' certificates.</param>
public sealed record NodeCertificate(ServerCertificate Own, IReadOnlyList<X509Certificate2> Authorities)
{
    private const string Key = "Cluster:NodeCertificate", CaKey = "Cluster:NodeCaFile";
    private const string Prefix = "Cluster:Node";

    public static readonly string[] Keys = [Key, "Cluster:NodeCertificateKey", "Cluster:NodeCertificatePasswordFile", CaKey];

    // Nodes call each other both ways.
    private static readonly string[] Purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    /// <summary>Null where none is configured, or it is wrong.</summary>
    public static (NodeCertificateFiles Files, NodeCertificate First)? Read(IConfiguration configuration, List<string> errors, TimeProvider time)
    {
        var (path, ca) = (configuration[Key], configuration[CaKey]);
        if (path is null)
        {
            foreach (var alone in Keys.Where(alone => configuration[alone] is not null))
                errors.Add($"{alone} = {configuration[alone]}: {Key} is missing; name the certificate too");
            return null;
        }
        if (ca is null)
        {
            errors.Add($"{Key} = {path}: {CaKey} is missing; name the authority that signs the nodes' certificates, or everybody would be a node");
            return null;
        }
        var files = new NodeCertificateFiles(new CertificateFiles(Prefix, path, configuration[Prefix + "CertificateKey"], configuration[Prefix + "CertificatePasswordFile"]), ca);
        var (certificate, wrong) = Read(files, time);
        errors.AddRange(wrong);
        return certificate is null ? null : (files, certificate);
    }

    public static (NodeCertificate? Certificate, IReadOnlyList<string> Errors) Read(NodeCertificateFiles files, TimeProvider time)
    {
        var (own, wrong) = CertificateReader.Read(files.Own, time);
        var errors = wrong.ToList();
        var authorities = Security.Authorities.Read(CaKey, files.CaPath, "nodes'", errors, time);
        if (own is null || errors.Count > 0)
            return (null, errors);
        var certificate = new NodeCertificate(own, authorities);
        return certificate.Fault(time) is { } fault ? (null, [$"{Key} = {files.Own.Path}: {fault}"]) : (certificate, []);
    }

    /// <summary>By which a handshake judges another node.</summary>
    public X509ChainPolicy Policy(TimeProvider time)
    {
        var policy = Security.Authorities.Policy(Authorities, time);
        policy.VerificationFlags = X509VerificationFlags.IgnoreInvalidName;
        return policy;
    }

    /// <summary>Why the other nodes would refuse this one.</summary>
    private string? Fault(TimeProvider time)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(time) };
        chain.ChainPolicy.ExtraStore.AddRange(Own.Context.IntermediateCertificates.ToArray());
        foreach (var purpose in Purposes)
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        if (chain.Build(Own.Context.TargetCertificate))
            return null;
        return chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.NotValidForUsage)
            ? "must be good for servers and for clients (extendedKeyUsage=serverAuth,clientAuth, or none at all): nodes call each other both ways"
            : $"no authority of {CaKey} has signed it; the other nodes would refuse it";
    }
}
