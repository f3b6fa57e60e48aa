using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

/// <summary>A part of a condition whose names are resolved and whose types are checked.</summary>
internal abstract record Bound;

internal sealed record BoundCondition(Func<ConditionInputs, Truth> Evaluate) : Bound;

/// <param name="Unit">Null for a bare number, which takes the unit of what it meets.</param>
internal sealed record BoundNumber(Func<ConditionInputs, Num> Evaluate, Unit? Unit) : Bound
{
    public double? Constant { get; init; }

    /// <summary>What it is computed from, in text order.</summary>
    public IReadOnlyList<Channel> Channels { get; init; } = [];

    public static BoundNumber Of(double value, Unit? unit)
    {
        var number = Num.Of(value);
        return new BoundNumber(_ => number, unit) { Constant = value };
    }

    /// <summary>The same number in a unit that fits; a bare one is taken to be in it already.</summary>
    public BoundNumber In(Unit? unit)
    {
        if (unit is null || Unit is null)
            return this with { Unit = unit ?? Unit };
        return Constant is { } constant && double.IsFinite(Unit.Convert(constant, unit))
            ? Of(Unit.Convert(constant, unit), unit)
            : Scaled(Unit.Numerator * unit.Denominator, Unit.Denominator * unit.Numerator, unit);
    }

    public BoundNumber Scaled(double up, double down, Unit? unit)
    {
        if (up == down)
            return this with { Unit = unit };
        var evaluate = Evaluate;
        return this with { Evaluate = inputs => NumMath.Scale(evaluate(inputs), up, down), Unit = unit, Constant = null };
    }
}

/// <summary>A channel's value and nothing else: what compares it need not call for it.</summary>
internal sealed class ChannelAlone(Channel channel)
{
    public Channel Channel { get; } = channel;

    public Num Read(ConditionInputs inputs) => inputs.Value(Channel);
}

/// <param name="Evaluate">The index in <paramref name="States"/>.</param>
internal sealed record BoundState(Func<ConditionInputs, Num> Evaluate, IReadOnlyList<string> States, Channel? Channel) : Bound;
