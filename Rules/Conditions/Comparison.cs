using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

/// <summary>A comparison that held, with its figures.</summary>
/// <param name="Channel">The channel that was compared; null where the value is none's, such as <c>count(pump_run)</c>.</param>
/// <param name="Instance">0 for a channel without instances.</param>
/// <param name="Value">In the channel's unit, or the index of its state.</param>
/// <param name="Limit">Likewise, without deadband.</param>
public readonly record struct Explanation(Channel? Channel, int Instance, Num Value, Num Limit);

/// <summary>One comparison within a condition.</summary>
public sealed record Comparison
{
    /// <summary>As written.</summary>
    public required string Text { get; init; }

    public required Channel? Channel { get; init; }

    /// <summary>The group whose instances are tried in turn, within <c>any(…)</c> and its like; null elsewhere.</summary>
    public required string? Group { get; init; }

    /// <summary>True where it contributes to the condition: under a <c>!</c>, where the comparison fails.</summary>
    public required Func<ConditionInputs, Truth> Holds { get; init; }

    public required Func<ConditionInputs, Num> Value { get; init; }

    public required Func<ConditionInputs, Num> Limit { get; init; }

    /// <summary>Its figures if it holds now, else null.</summary>
    public Explanation? Explain(ConditionInputs inputs)
    {
        if (Group is null)
            return At(inputs);
        var outer = inputs.Instance;
        Explanation? found = null;
        foreach (var instance in inputs.Instances(Group))
        {
            inputs.Instance = instance;
            if ((found = At(inputs)) is not null)
                break;
        }
        inputs.Instance = outer;
        return found;
    }

    private Explanation? At(ConditionInputs inputs) =>
        Holds(inputs) == Truth.True ? new Explanation(Channel, Channel?.Group is null ? 0 : inputs.Instance, Value(inputs), Limit(inputs)) : null;
}
