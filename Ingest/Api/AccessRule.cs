using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>Metadata of a route: the role that it needs, or null where it is open to everyone. A route without it is the administrator's alone.</summary>
public sealed record AccessRule(Role? Role);

public static class AccessRules
{
    public static TBuilder Needs<TBuilder>(this TBuilder route, Role role)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(role));

    /// <summary>See <see cref="AcceptsForm"/>.</summary>
    public static TBuilder TakesForm<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AcceptsForm());

    /// <summary>Health, the page's files, the login itself, and what has a key of its own: links in messages, providers' replies.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(null));
}
