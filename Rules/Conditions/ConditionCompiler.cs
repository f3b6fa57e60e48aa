namespace Telemetry.Rules.Conditions;

/// <summary>The text of a condition to a delegate that reads no text and allocates nothing.</summary>
public static class ConditionCompiler
{
    /// <summary>Never throws for what stands in <paramref name="text"/> or in the scope's texts: every mistake is an error in the result.</summary>
    public static ConditionResult Compile(string text, ConditionScope scope) => throw new NotImplementedException();

    /// <summary>All of several conditions at once, as <c>when</c> and <c>critical_when</c> make the upper step.</summary>
    public static ConditionResult CompileAll(IReadOnlyList<string> texts, ConditionScope scope) => throw new NotImplementedException();

    /// <summary>A rung of a ladder: <paramref name="subject"/> beyond <paramref name="limit"/>, with the scope's deadband.</summary>
    public static ConditionResult CompileLimit(string subject, LimitSide side, string limit, ConditionScope scope) => throw new NotImplementedException();

    /// <summary>A numeric expression.</summary>
    /// <param name="unit">UCUM unit of the result; null for the expression's own.</param>
    public static NumberResult CompileNumber(string text, ConditionScope scope, string? unit = null) => throw new NotImplementedException();
}
