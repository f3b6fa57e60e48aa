namespace Telemetry.Rules.Conditions;

/// <summary>What is wrong in a condition, and what would be right.</summary>
/// <param name="Column">Within <paramref name="Text"/>, from 1.</param>
/// <param name="Message">For people: <c>unknown channel 'sump_levl'; did you mean 'sump_level'?</c></param>
/// <param name="Text">The text that holds the mistake: the condition's own, or that of a word, a limit or a deadband that it uses.</param>
public sealed record ConditionError(int Column, string Message, string Text);

/// <param name="Condition">Null where there are errors.</param>
public sealed record ConditionResult(Condition? Condition, IReadOnlyList<ConditionError> Errors);

/// <param name="Number">In <paramref name="Unit"/>; null where there are errors.</param>
/// <param name="Unit">UCUM; null for a number without a unit.</param>
public sealed record NumberResult(Func<ConditionInputs, Num>? Number, string? Unit, IReadOnlyList<ConditionError> Errors);

/// <summary>On which side of its limit a channel is in alarm.</summary>
public enum LimitSide : byte
{
    Above,
    AtOrAbove,
    Below,
    AtOrBelow,
}
