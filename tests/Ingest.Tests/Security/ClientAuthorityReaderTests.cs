using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>Each mistake of <c>Mqtt:ClientAuthority</c> and its list is named with its key, its value and what would be right.</summary>
public sealed class ClientAuthorityReaderTests : IDisposable
{
    private readonly Certificates _files = new();

    public void Dispose() => _files.Dispose();

    private static void Wrong(string right, string? path, string? list = null)
    {
        var (authorities, errors) = ClientAuthorityReader.Read(new ClientAuthorityFiles(path, list), TimeProvider.System);
        Assert.Null(authorities);
        Assert.StartsWith(list is null ? $"Mqtt:ClientAuthority = {path}: " : $"Mqtt:ClientRevocationList = {list}: ", errors[0], StringComparison.Ordinal);
        Assert.Contains(right, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_and_an_intermediate_are_read_with_a_list_in_PEM_or_in_DER()
    {
        var (own, intermediate) = _files.IssueThroughIntermediate();
        var both = _files.Write("both.pem", File.ReadAllText(_files.AuthorityFile) + "\n" + intermediate.ExportCertificatePem());
        foreach (var list in new[] { _files.Write("list.der", _files.RevocationList(intermediate)), _files.Write("list.pem", System.Security.Cryptography.PemEncoding.WriteString("X509 CRL", _files.RevocationList(intermediate))) })
        {
            var (authorities, errors) = ClientAuthorityReader.Read(new ClientAuthorityFiles(both, list), TimeProvider.System);
            Assert.Empty(errors);
            Assert.Equal(2, authorities!.All.Count);
            Assert.True(Assert.Single(authorities.RevocationLists).Revokes(intermediate));
            Assert.False(authorities.RevocationLists[0].Revokes(own));
        }
    }

    [Fact]
    public void What_is_no_authority_is_refused()
    {
        Wrong("can't be read", "/nowhere.pem");
        Wrong("is no authority's certificate", _files.Write("own.pem", _files.Issue().ExportCertificatePem()));
        Wrong("has no certificate that is its own issuer", _files.Write("between.pem", _files.IssueThroughIntermediate().Intermediate.ExportCertificatePem()));
    }

    [Fact]
    public void What_is_no_list_of_these_authorities_is_refused()
    {
        using var foreign = new Certificates();
        Wrong("not a certificate revocation list", _files.AuthorityFile, _files.Write("list", [0x30, 3, 2, 1, 1]));
        Wrong("holds no X509 CRL", _files.AuthorityFile, _files.AuthorityFile);
        Wrong("signed by none of the authorities", _files.AuthorityFile, _files.Write("foreign", foreign.RevocationList()));
        var cut = _files.RevocationList(_files.Issue());
        cut[^1] ^= 1;
        Wrong("signed by none of the authorities", _files.AuthorityFile, _files.Write("changed", cut));
    }
}
