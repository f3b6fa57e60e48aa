using Microsoft.AspNetCore.Connections;

namespace Telemetry.Ingest.Security;

/// <summary>The certificate that a client showed in its TLS handshake, judged there.</summary>
/// <param name="Name">Its one common name; null without, or with several.</param>
/// <param name="Fingerprint"><c>sha256:</c> and 64 hex digits.</param>
/// <param name="Serial"><c>serial:</c> and hex digits without leading zeros.</param>
/// <param name="Refusal">Why it lets nobody in (<see cref="LoginRefusal"/>); null where one of the authorities vouches for it.</param>
/// <param name="Authorities"><see cref="ClientAuthorities.Stamp"/> of those by whom it was judged.</param>
public sealed record ClientCertificate(string? Name, string Fingerprint, string Serial, DateTimeOffset NotAfter, string? Refusal, string Authorities)
{
    private static readonly object Key = new();

    /// <summary>Null where the client showed none.</summary>
    public static ClientCertificate? Of(IDictionary<object, object?> items) => items.TryGetValue(Key, out var shown) ? (ClientCertificate?)shown : null;

    internal void Keep(ConnectionContext connection) => connection.Items[Key] = this;
}
