using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Security.Enrolment;

namespace Telemetry.Ingest.Api;

/// <summary>How a gateway gets its certificate: open to whoever has a code, or a certificate that is still good.</summary>
public static class EnrolRoutes
{
    /// <param name="Code">From <c>credential enrol</c>; left out for a renewal.</param>
    /// <param name="Csr">PKCS #10 in PEM. Its key alone is taken over.</param>
    public sealed record EnrolBody(string? Code, string? Csr);

    /// <param name="Certificate">PEM.</param>
    /// <param name="Authority">PEM; goes with the certificate where a chain is asked for.</param>
    public sealed record EnrolAnswer(string Gateway, string Certificate, string Authority, DateTimeOffset NotAfter);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/enrol/v1", EnrolAsync)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("A gateway's first certificate, for a one-time code; each code once, by HTTPS.").Accepts<EnrolBody>("application/json").Produces<EnrolAnswer>();
        routes.MapPost("/enrol/v1/renew", RenewAsync)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("A gateway's next certificate, for the one that it shows in the TLS handshake.").Accepts<EnrolBody>("application/json").Produces<EnrolAnswer>();
    }

    private static async Task<EnrolAnswer> EnrolAsync(HttpContext context, SecurityParts security)
    {
        var enrolment = Enrolment(context, security);
        var body = await ApiJson.ReadAsync<EnrolBody>(context);
        return Answer(enrolment, enrolment.Enrol(body.Code, body.Csr, context.Connection.RemoteIpAddress));
    }

    private static async Task<EnrolAnswer> RenewAsync(HttpContext context, SecurityParts security)
    {
        var enrolment = Enrolment(context, security);
        var body = await ApiJson.ReadAsync<EnrolBody>(context);
        var shown = context.Features.Get<IConnectionItemsFeature>() is { } connection ? ClientCertificate.Of(connection.Items) : null;
        return Answer(enrolment, enrolment.Renew(shown, body.Csr, context.Connection.RemoteIpAddress));
    }

    private static GatewayEnrolment Enrolment(HttpContext context, SecurityParts security)
    {
        if (security.Enrolment is not { } enrolment)
            throw ApiException.NotFound("no_enrolment", "this service issues no certificates; Security:EnrolmentAuthority is not configured");
        if (!context.Request.IsHttps && context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
            throw new ApiException(StatusCodes.Status403Forbidden, "tls_required", "a code goes over HTTPS alone; give Http:Certificate, or let a proxy on this machine end TLS");
        return enrolment;
    }

    private static EnrolAnswer Answer(GatewayEnrolment enrolment, (string? Gateway, System.Security.Cryptography.X509Certificates.X509Certificate2? Certificate, string Refusal, string Detail) outcome)
    {
        if (outcome is { Gateway: { } gateway, Certificate: { } certificate })
            return new EnrolAnswer(gateway, certificate.ExportCertificatePem(), enrolment.Authority.ExportCertificatePem(), new DateTimeOffset(certificate.NotAfter));
        var status = outcome.Refusal switch
        {
            EnrolmentRefusal.Request => StatusCodes.Status400BadRequest,
            EnrolmentRefusal.TooMany => StatusCodes.Status429TooManyRequests,
            EnrolmentRefusal.Certificate => StatusCodes.Status401Unauthorized,
            EnrolmentRefusal.Pinned => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status403Forbidden,
        };
        throw new ApiException(status, outcome.Refusal, outcome.Detail);
    }
}
