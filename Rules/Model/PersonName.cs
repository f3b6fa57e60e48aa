namespace Telemetry.Rules.Model;

/// <summary>Names of people, as the log has them: typed where the service has no users.</summary>
public static class PersonName
{
    /// <summary>Both are one person, as far as letters tell: whoever writes the own name another way is no second person.</summary>
    public static bool IsSame(string one, string other) => string.Equals(one.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);
}
