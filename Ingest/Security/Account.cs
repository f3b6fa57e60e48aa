namespace Telemetry.Ingest.Security;

/// <summary>A person who logs in with a password, of the service's own accounts.</summary>
/// <param name="Name">Stands as <c>by</c> in the log; never given to anybody else.</param>
/// <param name="OneTimeUntil">Its password is one that somebody else has seen: good until then, for nothing but setting another. Null once the person has chosen one.</param>
public sealed record Account(string Name, Role Role, Scope Scope, PasswordHash Password, DateTimeOffset? OneTimeUntil, bool Disabled)
{
    /// <summary>The last right password; null for none yet.</summary>
    public DateTimeOffset? LastLogin { get; init; }

    /// <summary>Of the log's entry that made it so; 0 where an earlier version wrote it, on a machine alone.</summary>
    public long Position { get; init; }
}

/// <summary>A token that a person has made for a program.</summary>
/// <param name="Id">Names it in calls and in the log; opens nothing.</param>
/// <param name="Hash">See <see cref="ApiToken"/>.</param>
/// <param name="Role">At most; less once its owner has less.</param>
/// <param name="LastUsed">UTC; null for never.</param>
public sealed record IssuedToken(string Id, string Owner, string Name, string Hash, Role Role, Scope Scope, DateTimeOffset Made, DateTimeOffset Expires, DateOnly? LastUsed);
