using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>When each certificate ends that the service depends on, by a name that outlives its renewal where it has one.</summary>
internal static class CertificateEnds
{
    private const string Gateway = "certificate.gateway.";

    public static IReadOnlyDictionary<string, DateTimeOffset> Of(SecurityParts parts)
    {
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        if (parts.MqttCertificate is { } mqtt)
            ends["certificate.mqtt"] = mqtt().NotAfter;
        if (parts.HttpCertificate is { } http)
            ends["certificate.http"] = http().NotAfter;
        var node = parts.NodeCertificate?.Invoke();
        if (node is not null)
            ends["certificate.node"] = node.Own.NotAfter;
        var authorities = parts.ClientAuthorities?.Invoke();
        foreach (var authority in (authorities?.All ?? []).Concat(node?.Authorities ?? []))
            ends[$"certificate.authority.{Short(authority)}"] = new DateTimeOffset(authority.NotAfter);
        if (authorities is not null)
        {
            foreach (var list in authorities.RevocationLists.Where(list => list.NextUpdate is not null))
                ends[$"certificate.revocation-list.{Short(list.By)}"] = list.NextUpdate!.Value;
        }
        // What a gateway showed last is what it uses; one that has not come since the start has at least what was issued to it.
        foreach (var issued in (parts.Enrolment?.Issued ?? []).GroupBy(issued => issued.Gateway).Where(issued => parts.Mqtt?.Knows(issued.Key) == true))
            ends[Gateway + issued.Key] = issued.Max(each => each.NotAfter);
        foreach (var (gateway, end) in (parts.Mqtt?.Shown ?? []).Where(shown => parts.Mqtt!.Knows(shown.Key)))
            ends[Gateway + gateway] = end;
        return ends;
    }

    /// <summary>A gateway's as long as the gateways' file names it, though nobody has seen it since the start; of the others those that are configured.</summary>
    public static bool IsGone(SecurityParts parts, string name) =>
        name.StartsWith(Gateway, StringComparison.Ordinal) ? parts.Mqtt?.Knows(name[Gateway.Length..]) != true : !Of(parts).ContainsKey(name);

    private static string Short(X509Certificate2 certificate) => ClientAuthorities.FingerprintOf(certificate)["sha256:".Length..][..8];
}
