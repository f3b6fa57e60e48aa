using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

/// <summary>The names that a condition may use, and what they stand for.</summary>
public sealed record ConditionScope
{
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>A setting whose states are <c>false, true</c> is a condition by itself.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>The rule's <c>each</c>: channels of this group are those of the one instance. Null outside such a rule.</summary>
    public string? Each { get; init; }

    /// <summary>Named expressions, by name. One may use another; a circle is an error.</summary>
    public IReadOnlyDictionary<string, string> Words { get; init; } = EmptyTexts;

    /// <summary>Names of the family's rules and of their named steps, for <c>alarm(leak_high)</c> and <c>count_in(street, cover_open, 30m)</c>.</summary>
    public IReadOnlyCollection<string> Rules { get; init; } = [];

    /// <summary>Of those with an alarm per instance: the group.</summary>
    public IReadOnlyDictionary<string, string> RuleGroups { get; init; } = EmptyTexts;

    /// <summary>What the conditions of this scope look back on; those of one family share it.</summary>
    public SourceTable Sources { get; init; } = new();

    /// <summary>What they count in places, likewise.</summary>
    public CountTable Counts { get; init; } = new();

    /// <summary>Channels of linked devices, by role: <c>gauge.rainfall</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Channel>> Links { get; init; } = new Dictionary<string, IReadOnlyList<Channel>>();

    /// <summary>
    /// A quantity or an expression (<c>0.2 m</c>, <c>5 % of well_depth</c>): the deadband of every channel whose unit fits it. Null for none.
    /// </summary>
    public string? Deadband { get; init; }

    /// <summary>Deadbands by channel; they go before <see cref="Deadband"/>, and their unit must fit the channel's.</summary>
    public IReadOnlyDictionary<string, string> Deadbands { get; init; } = EmptyTexts;

    private static readonly Dictionary<string, string> EmptyTexts = [];
}
