namespace Telemetry.Rules.Families;

/// <summary>One mistake in one family file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters; within a condition, where in it.</param>
/// <param name="Key">Where it stands: <c>rules.level_high.ladder[1].above</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FamilyError(string File, int Line, int Column, string Key, string Message)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {(Key.Length == 0 ? "" : Key + ": ")}{Message}";
}

/// <param name="Family">Null where there are errors.</param>
/// <param name="Errors">All of the file's, in its order.</param>
public sealed record FamilyResult(Family? Family, IReadOnlyList<FamilyError> Errors);
