namespace Telemetry.Ingest.Api;

/// <summary>Who acts, as it will stand in the log. Without users it is what the caller says.</summary>
public static class Operator
{
    public const string Default = "operator";
    private const int MaxLength = 100;

    /// <exception cref="ApiException">400: empty, too long or with control characters.</exception>
    public static string Checked(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > MaxLength || name.Any(char.IsControl)
            ? throw ApiException.BadRequest("bad_operator", $"by: must be 1 to {MaxLength} characters without control characters, or left out")
            : name;
}
