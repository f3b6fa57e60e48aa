using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>Who makes a request.</summary>
/// <param name="Name">Null in open mode, and for open routes.</param>
/// <param name="Scope">What exists for the caller.</param>
/// <param name="IsStillAllowed">False once the token is revoked or has expired, the session has ended, or the caller may see less than before: a stream that is open then ends.</param>
/// <param name="User">Null in open mode, and for open routes.</param>
public sealed record Caller(string? Name, Role Role, Scope Scope, Func<bool> IsStillAllowed, User? User = null)
{
    /// <summary>Without users everybody on this machine is administrator.</summary>
    public static Caller Open { get; } = new(null, Role.Administrator, Scope.City, () => true);

    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Open;
}
