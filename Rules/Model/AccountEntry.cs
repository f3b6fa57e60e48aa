namespace Telemetry.Rules.Model;

/// <summary>Somebody changed who may log in, or how. Changes no alarm; here because the log is the audit trail. Never holds a secret or a hash of one.</summary>
/// <param name="by">Who did it; <c>service</c> for the first administrator.</param>
/// <param name="action"><c>create</c>, <c>change</c>, <c>disable</c>, <c>enable</c>, <c>one-time-password</c>, <c>password</c>, <c>create-token</c>, <c>revoke-token</c>.</param>
/// <param name="name">Whose account or token.</param>
/// <param name="detail">Role and what is seen; of a token its id and name too.</param>
public sealed class AccountEntry(string by, string action, string name, string? detail = null) : LogEntry
{
    public string By { get; } = by;

    public string Action { get; } = action;

    public string Name { get; } = name;

    public string? Detail { get; } = detail;
}
