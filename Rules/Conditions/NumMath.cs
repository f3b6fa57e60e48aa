namespace Telemetry.Rules.Conditions;

/// <summary>
/// Arithmetic on numbers that may be over-range, unknown or absent. Absent wins over unknown. Over-range means "at least this much", so
/// it survives where the result grows with it and makes the result unknown where it does not.
/// </summary>
internal static class NumMath
{
    public static Num Add(Num a, Num b) => Weaker(a, b) ?? Result(a.Value + b.Value, IsOver(a) || IsOver(b));

    public static Num Subtract(Num a, Num b) => Weaker(a, b) ?? (IsOver(b) ? Num.Unknown : Result(a.Value - b.Value, IsOver(a)));

    public static Num Multiply(Num a, Num b)
    {
        if (Weaker(a, b) is { } weaker)
            return weaker;
        var over = IsOver(a) || IsOver(b);
        return over && !(a.Value > 0 && b.Value > 0) ? Num.Unknown : Result(a.Value * b.Value, over);
    }

    /// <summary>Unknown where <paramref name="b"/> is 0.</summary>
    public static Num Divide(Num a, Num b)
    {
        if (Weaker(a, b) is { } weaker)
            return weaker;
        return IsOver(b) || (IsOver(a) && b.Value <= 0) ? Num.Unknown : Result(a.Value / b.Value, IsOver(a));
    }

    public static Num Negate(Num a) => a.State switch
    {
        NumState.Known => Num.Of(-a.Value),
        NumState.Over => Num.Unknown,
        _ => a,
    };

    public static Num Abs(Num a) => a with { Value = Math.Abs(a.Value) };

    /// <summary>By a positive constant: a change of unit.</summary>
    public static Num Scale(Num a, double up, double down) => a.State is NumState.Known or NumState.Over ? Result(a.Value * up / down, IsOver(a)) : a;

    /// <summary>An over-range number settles the larger of two even where the other is unknown.</summary>
    public static Num Larger(Num a, Num b)
    {
        if (a.State == NumState.Absent || b.State == NumState.Absent)
            return Num.Absent;
        if (IsOver(a) || IsOver(b))
            return IsOver(a) && (!IsOver(b) || a.Value >= b.Value) ? a : b;
        return a.State == NumState.Unknown || b.State == NumState.Unknown ? Num.Unknown : Num.Of(Math.Max(a.Value, b.Value));
    }

    /// <summary>Of a known and an over-range number the smaller is the known one.</summary>
    public static Num Smaller(Num a, Num b)
    {
        if (Weaker(a, b) is { } weaker)
            return weaker;
        if (IsOver(a) != IsOver(b))
            return IsOver(a) ? b : a;
        return a.Value <= b.Value ? a : b;
    }

    public static Truth Greater(Num a, Num b, bool orEqual)
    {
        if (a.State == NumState.Known && b.State == NumState.Known)
            return Logic.Of(orEqual ? a.Value >= b.Value : a.Value > b.Value);
        return Weaker(a, b) switch
        {
            { State: NumState.Absent } => Truth.Absent,
            { } => Truth.Unknown,
            null => IsOver(a) && !IsOver(b) ? Truth.True : Truth.Unknown,
        };
    }

    public static Truth Same(Num a, Num b)
    {
        if (a.State == NumState.Known && b.State == NumState.Known)
            return Logic.Of(a.Value == b.Value);
        return a.State == NumState.Absent || b.State == NumState.Absent ? Truth.Absent : Truth.Unknown;
    }

    private static bool IsOver(Num a) => a.State == NumState.Over;

    /// <summary>Absent or unknown where either is; null where both are numbers.</summary>
    private static Num? Weaker(Num a, Num b)
    {
        if (a.State == NumState.Absent || b.State == NumState.Absent)
            return Num.Absent;
        return a.State == NumState.Unknown || b.State == NumState.Unknown ? Num.Unknown : null;
    }

    private static Num Result(double value, bool over) =>
        !double.IsFinite(value) ? Num.Unknown : new Num(value, over ? NumState.Over : NumState.Known);
}
