using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>See <see cref="ScopeRule"/>.</summary>
public sealed record ScopeMark(ScopeRule Rule);

/// <summary>Metadata of a route: the role that it needs, or null where it is open to everyone. A route without it is the administrator's alone.</summary>
public sealed record AccessRule(Role? Role);

/// <summary>Metadata of a route: how it keeps to what its caller sees. A route without it is closed to callers that do not see the whole city.</summary>
public enum ScopeRule
{
    /// <summary>Its handler asks <see cref="Caller.Scope"/>: what is outside does not exist there.</summary>
    Within,

    /// <summary>Nothing of a single device is in it: figures of the city, rules, rotas, the caller itself.</summary>
    OfNoDevice,

    /// <summary>Of the city as a whole: closed to whoever does not see all of it.</summary>
    OfTheCity,
}

/// <summary>Metadata of the few routes that are there for whoever has to set a password first.</summary>
public sealed record OneTimeToo;

public static class AccessRules
{
    /// <summary>See <see cref="OneTimeToo"/>.</summary>
    public static TBuilder AlsoWithOneTimePassword<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new OneTimeToo());

    public static TBuilder Keeps<TBuilder>(this TBuilder route, ScopeRule rule)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new ScopeMark(rule));

    public static TBuilder Needs<TBuilder>(this TBuilder route, Role role)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(role));

    /// <summary>See <see cref="AcceptsForm"/>.</summary>
    public static TBuilder TakesForm<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AcceptsForm());

    /// <summary>Health, the page's files, the login itself, and what has a key of its own: links in messages, providers' replies.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(null));
}
