using Telemetry.Ingest.State;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.OperatorPage.RulesInForce;

/// <summary>How often each rule occurred in the last 30 days, as of one moment.</summary>
public sealed class RuleHistory
{
    private const long Span = 30 * 86_400_000L;

    public static RuleHistory None { get; } = new(0, []);

    private readonly Dictionary<(string Family, string Rule), RuleCount> _counts;

    private RuleHistory(long at, IEnumerable<RuleCount> counts) => (At, _counts) = (at, counts.ToDictionary(count => (count.Family, count.Rule)));

    /// <summary>Unix ms; 0 before it was first read.</summary>
    public long At { get; }

    public static Task<RuleHistory> ReadAsync(StateDatabase database, long now) => Task.Run(() => new RuleHistory(now, database.RuleCounts(now - Span)));

    /// <summary>Null for a rule that has not occurred.</summary>
    public RuleCount? Of(Family family, Rule rule) => _counts.GetValueOrDefault((rule.Place is null ? family.Name : Fleet.AreaFamily, rule.Name));
}
