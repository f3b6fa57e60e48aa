namespace Telemetry.Simulators.Physics;

/// <summary>What can happen to a device of one family, by the name that its physics file gives it: it sets parameters, and its end gives them back.</summary>
/// <param name="AtRandom">A demonstration's stream of incidents draws from it; it shows by itself.</param>
/// <param name="Takes">What an event says beside its name: which pump, how much rain. Null for nothing.</param>
/// <param name="Sets">By place in the device's values.</param>
public sealed record Incident(string Name, bool AtRandom, Taken? Takes, IReadOnlyList<(int Slot, Func<double[], double> Value)> Sets)
{
    /// <summary>Whatever happened is over: the crew has left, the mains are back, the rain has stopped. Any device.</summary>
    public const string Restored = "restored";

    /// <summary>Battery dead, antenna gone or the thing itself: it reports nothing until it is restored. Any device.</summary>
    public const string FallsSilent = "falls_silent";

    /// <summary>A gateway's link breaks without a goodbye, so that its last will speaks for it; until it returns its readings wait in its memory.</summary>
    public const string GatewayDies = "gateway_dies";

    public const string GatewayReturns = "gateway_returns";

    /// <summary>What an event may say beside its name; 0 where there is nothing to say.</summary>
    public int Draw(Random random) => Takes is not { } taken ? 0 : taken.Default ?? random.Next(taken.Least, taken.Most + 1);

    /// <summary>No file may give these another meaning.</summary>
    public static IReadOnlyList<string> Everywhere { get; } = [Restored, FallsSilent, GatewayDies, GatewayReturns];
}

/// <param name="Name">The key of an event: <c>pump</c>, <c>mm_per_h</c>.</param>
/// <param name="Default">Null where an event must say it.</param>
public sealed record Taken(string Name, int Slot, int Least, int Most, int? Default);
