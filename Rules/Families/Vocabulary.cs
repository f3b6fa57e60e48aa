namespace Telemetry.Rules.Families;

/// <summary>The words of family files, in the spelling of the files.</summary>
public static class Vocabulary
{
    public static readonly IReadOnlyDictionary<string, AlarmKind> Kinds = Words(("alarm", AlarmKind.Alarm), ("ticket", AlarmKind.Ticket), ("event", AlarmKind.Event));

    public static readonly IReadOnlyDictionary<string, Severity> Severities =
        Words(("low", Severity.Low), ("medium", Severity.Medium), ("high", Severity.High), ("critical", Severity.Critical));

    public static readonly IReadOnlyDictionary<string, UnknownPolicy> UnknownPolicies =
        Words(("keep", UnknownPolicy.Keep), ("alarm", UnknownPolicy.Alarm), ("ticket", UnknownPolicy.Ticket));

    /// <summary>What happens to people and things if nobody responds; with the time to respond it makes the severity.</summary>
    public static readonly IReadOnlyList<string> Consequences = ["life", "road closed", "damage", "comfort"];

    /// <summary>Rules and steps that no cause may hide.</summary>
    public static readonly IReadOnlyList<string> NeverSuppressed = ["flood_close", "overflow", "road_flood_close", "leak_high", "co_close", "tunnel_fire", "sos"];

    /// <summary>Rules and steps that nobody shelves: only out of service, by permit and with a substitute watch. Some in one family alone.</summary>
    private static readonly IReadOnlyList<(string? Family, string Name)> NeverShelved =
    [
        (null, "sos"), (null, "leak_high"), (null, "close_failed"), (null, "leak_past_valve"), ("gas_valve", "co_high"), (null, "tunnel_fire"), (null, "co_close"), (null, "flood_close"),
        (null, "road_flood_close"), (null, "overflow"),
    ];

    public static bool IsNeverShelved(string family, string name) => NeverShelved.Any(listed => listed.Name == name && (listed.Family ?? family) == family);

    /// <summary>The service raises it itself, for devices whose rules cannot tell.</summary>
    public const string UnknownRule = "unknown";

    /// <summary>The service raises it itself, in the family <c>system</c>, for a device at which nobody has arrived in time.</summary>
    public const string ResponseOverdueRule = "response_overdue";

    /// <summary>The service raises it itself, in the family <c>system</c>, for a device that sends only what it has sent before.</summary>
    public const string NothingNewRule = "nothing_new";

    /// <summary>Letters, digits and underscores, a letter first: at most 48.</summary>
    public static bool IsName(string text) =>
        text.Length is >= 1 and <= 48 && char.IsAsciiLetterLower(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static Dictionary<string, T> Words<T>(params (string Word, T Value)[] words) => words.ToDictionary(pair => pair.Word, pair => pair.Value, StringComparer.Ordinal);
}
