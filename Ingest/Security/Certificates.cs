using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>Where an endpoint's certificate lies.</summary>
/// <param name="Prefix"><c>Mqtt:</c>, <c>Http:</c> or <c>Cluster:Node</c>: its keys begin with it.</param>
/// <param name="Path">PEM (with its chain, if it has one) or PFX.</param>
/// <param name="KeyPath">PEM; null where the key stands in <paramref name="Path"/>.</param>
/// <param name="PasswordFile">Its first line opens the key; null for none.</param>
public sealed record CertificateFiles(string Prefix, string Path, string? KeyPath, string? PasswordFile)
{
    public IReadOnlyList<string> All { get; } = [.. new[] { Path, KeyPath, PasswordFile }.OfType<string>()];
}

/// <summary>A certificate with its private key, and the intermediate certificates that clients need to trust it.</summary>
public sealed record ServerCertificate(SslStreamCertificateContext Context)
{
    public DateTimeOffset NotAfter => Context.TargetCertificate.NotAfter;
}

/// <summary>Reads certificates; every mistake names the key of the configuration and what would be right.</summary>
public static class CertificateReader
{
    private static readonly string[] PfxEndings = [".pfx", ".p12"];

    public static (ServerCertificate? Certificate, IReadOnlyList<string> Errors) Read(CertificateFiles files, TimeProvider time)
    {
        var prefix = files.Prefix;
        if (files.All.FirstOrDefault(file => !IsReadable(file)) is { } missing)
            return Refuse($"{KeyOf(files, missing)} = {missing}: can't be read; name a file that this user may read");
        X509Certificate2Collection found = [];
        try
        {
            var isPfx = PfxEndings.Contains(System.IO.Path.GetExtension(files.Path), StringComparer.OrdinalIgnoreCase);
            if (isPfx && files.KeyPath is not null)
                return Refuse($"{prefix}CertificateKey = {files.KeyPath}: a PFX holds its own key; leave this out");
            found = isPfx ? ReadPfx(files) : ReadPem(files);
        }
        // A key that belongs to another certificate is an ArgumentException.
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return Refuse(files.PasswordFile is null
                ? $"{prefix}Certificate = {files.Path}: no certificate with a key that fits, in PEM or (named .pfx or .p12) PFX; a key in a file of its own is named by {prefix}CertificateKey, an encrypted one needs {prefix}CertificatePasswordFile"
                : $"{prefix}CertificatePasswordFile = {files.PasswordFile}: its first line does not open the key of {files.Path}, or the key does not fit the certificate");
        }
        if (found.FirstOrDefault(certificate => certificate.HasPrivateKey) is not { } own)
            return Refuse($"{prefix}Certificate = {files.Path}: has no private key; name it by {prefix}CertificateKey, or give a PFX with its key");
        var now = time.GetUtcNow();
        if (own.NotAfter <= now)
            return Refuse($"{prefix}Certificate = {files.Path}: expired at {own.NotAfter.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}; get a new one");
        if (own.NotBefore > now)
            return Refuse($"{prefix}Certificate = {files.Path}: valid from {own.NotBefore.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'} on; wait, or mend this machine's clock");
        found.Remove(own);
        return (new ServerCertificate(SslStreamCertificateContext.Create(own, found, offline: true)), []);
    }

    private static X509Certificate2Collection ReadPfx(CertificateFiles files) =>
        X509CertificateLoader.LoadPkcs12CollectionFromFile(files.Path, Password(files));

    private static X509Certificate2Collection ReadPem(CertificateFiles files)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(files.Path);
        if (chain.Count == 0)
            throw new CryptographicException("no certificate");
        var key = files.KeyPath ?? files.Path;
        if (files.KeyPath is null && !File.ReadAllText(key).Contains("PRIVATE KEY", StringComparison.Ordinal))
            return chain;
        chain[0] = Password(files) is { } password
            ? X509Certificate2.CreateFromEncryptedPemFile(files.Path, password, key)
            : X509Certificate2.CreateFromPemFile(files.Path, key);
        return chain;
    }

    private static string? Password(CertificateFiles files) =>
        files.PasswordFile is null ? null : File.ReadLines(files.PasswordFile).FirstOrDefault() ?? "";

    private static string KeyOf(CertificateFiles files, string file) =>
        files.Prefix + (file == files.Path ? "Certificate" : file == files.KeyPath ? "CertificateKey" : "CertificatePasswordFile");

    private static bool IsReadable(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static (ServerCertificate? Certificate, IReadOnlyList<string> Errors) Refuse(string error) => (null, [error]);
}
