namespace Telemetry.Rules.Conditions;

/// <summary>The truth tables.</summary>
internal static class Logic
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    /// <summary>What is absent does not count; unknown counts unless the other side settles it.</summary>
    public static Truth Or(Truth a, Truth b)
    {
        if (a == Truth.True || b == Truth.True)
            return Truth.True;
        if (a == Truth.Absent)
            return b;
        if (b == Truth.Absent)
            return a;
        return a == Truth.Unknown || b == Truth.Unknown ? Truth.Unknown : Truth.False;
    }

    /// <summary>Without a part nothing can be said, unless the other side is false.</summary>
    public static Truth And(Truth a, Truth b)
    {
        if (a == Truth.False || b == Truth.False)
            return Truth.False;
        if (a == Truth.Absent || b == Truth.Absent)
            return Truth.Absent;
        return a == Truth.Unknown || b == Truth.Unknown ? Truth.Unknown : Truth.True;
    }

    public static Truth Not(Truth value) => value switch
    {
        Truth.True => Truth.False,
        Truth.False => Truth.True,
        _ => value,
    };

    public static Truth Same(Truth a, Truth b)
    {
        if (a == Truth.Absent || b == Truth.Absent)
            return Truth.Absent;
        return a == Truth.Unknown || b == Truth.Unknown ? Truth.Unknown : Of(a == b);
    }

    public static Truth Of(Num flag) => flag.State switch
    {
        NumState.Known => Of(flag.Value != 0),
        NumState.Absent => Truth.Absent,
        _ => Truth.Unknown,
    };
}
