using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security.Enrolment;

/// <summary>Why no certificate was issued: the reason in the answer, in the log and in the metric.</summary>
public static class EnrolmentRefusal
{
    /// <summary>Unknown, spent or expired: which of them is nobody's business.</summary>
    public const string Code = "code";

    /// <summary>The request's form, its signature or its key.</summary>
    public const string Request = "csr";

    /// <summary>A renewal without a certificate that lets its gateway in.</summary>
    public const string Certificate = "certificate";

    /// <summary>The gateway's line names one certificate: another would not let it in.</summary>
    public const string Pinned = "pinned";

    public const string TooMany = "too_many";
}

/// <summary>Issues gateways' certificates: the first for a one-time code of the gateways' file, the next ones for the one before.</summary>
public sealed partial class GatewayEnrolment(EnrolmentAuthority authority, EnrolmentBook book, Func<GatewayList> gateways, LoginFailures failures, TimeProvider time, ILogger<GatewayEnrolment> logger)
{
    private const string Via = "enrol";
    private const int TriesPerMinute = 10;
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPAddress, (long Since, int Tries)> _tries = [];
    private readonly Lock _gate = new();

    public X509Certificate2 Authority => authority.Certificate;

    public IReadOnlyList<IssuedCertificate> Issued => book.Issued;

    /// <returns>The gateway's name and its certificate; or the reason, and for people what would be right.</returns>
    public (string? Gateway, X509Certificate2? Certificate, string Refusal, string Detail) Enrol(string? code, string? request, IPAddress? address)
    {
        if (!MayTry(address))
            return Refuse(address, null, EnrolmentRefusal.TooMany, $"more than {TriesPerMinute} attempts of this address within a minute; wait for one");
        var (key, wrong) = EnrolmentAuthority.KeyOf(request);
        if (key is null)
            return Refuse(address, null, EnrolmentRefusal.Request, wrong!);
        if (EnrolmentCode.HashOf(code ?? "") is { } hash && gateways().FindByCode(hash) is var (gateway, access) && time.GetUtcNow() < access.EnrolUntil && !book.IsSpent(hash)
            && Issue(gateway, key, hash) is { } issued)
        {
            LogEnrolled(gateway, ClientAuthorities.SerialOf(issued), address);
            return (gateway, issued, "", "");
        }
        return Refuse(address, null, EnrolmentRefusal.Code, "the code is unknown, spent or expired; ask for a new one (credential enrol NAME)");
    }

    /// <param name="shown">In the request's TLS handshake.</param>
    public (string? Gateway, X509Certificate2? Certificate, string Refusal, string Detail) Renew(ClientCertificate? shown, string? request, IPAddress? address)
    {
        if (!MayTry(address))
            return Refuse(address, shown?.Name, EnrolmentRefusal.TooMany, $"more than {TriesPerMinute} attempts of this address within a minute; wait for one");
        if (shown is null || shown.Refusal is not null || time.GetUtcNow() >= shown.NotAfter || gateways().Find(shown.Name!) is not { } access || access.Refusal(shown) is not null)
            return Refuse(address, shown?.Name, EnrolmentRefusal.Certificate, "show the gateway's certificate, as long as it is good, in the TLS handshake");
        if (access.Certificate != GatewayAccess.AnyCertificate)
            return Refuse(address, shown.Name, EnrolmentRefusal.Pinned, "the gateways' file lets this one certificate in and no other; write certificate: any there");
        var (key, wrong) = EnrolmentAuthority.KeyOf(request);
        if (key is null)
            return Refuse(address, shown.Name, EnrolmentRefusal.Request, wrong!);
        var issued = Issue(shown.Name!, key, null)!;
        LogRenewed(shown.Name!, ClientAuthorities.SerialOf(issued), address);
        return (shown.Name, issued, "", "");
    }

    private X509Certificate2? Issue(string gateway, PublicKey key, string? code)
    {
        var now = time.GetUtcNow();
        var issued = authority.Issue(gateway, key, now);
        return book.TryAdd(new IssuedCertificate(code, gateway, ClientAuthorities.SerialOf(issued), ClientAuthorities.FingerprintOf(issued), new DateTimeOffset(issued.NotAfter), now)) ? issued : null;
    }

    private (string?, X509Certificate2?, string, string) Refuse(IPAddress? address, string? name, string reason, string detail)
    {
        failures.Refused(Via, address, name, reason);
        return (null, null, reason, detail);
    }

    private bool MayTry(IPAddress? from)
    {
        var address = from ?? IPAddress.None;
        lock (_gate)
        {
            if (_tries.Count >= MaxAddresses)
                _tries.Clear();
            var (since, tries) = _tries.GetValueOrDefault(address);
            _tries[address] = tries == 0 || time.GetElapsedTime(since) >= Minute ? (time.GetTimestamp(), 1) : (since, tries + 1);
            return _tries[address].Tries <= TriesPerMinute;
        }
    }

    [LoggerMessage(LogLevel.Information, "gateway {Gateway} is enrolled from {Address}: certificate {Serial} issued, its code is spent")]
    private partial void LogEnrolled(string gateway, string serial, IPAddress? address);

    [LoggerMessage(LogLevel.Information, "gateway {Gateway} has renewed its certificate from {Address}: {Serial} issued")]
    private partial void LogRenewed(string gateway, string serial, IPAddress? address);
}
