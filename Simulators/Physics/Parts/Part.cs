namespace Telemetry.Simulators.Physics;

/// <summary>
/// One named value of a physics file that moves by itself. It is the family's: what differs from device to device stands in the device's values, in the
/// part's own place.
/// </summary>
public abstract class Part(int slot)
{
    protected int Slot => slot;

    public abstract void Begin(double[] values, Random random);

    public abstract void Advance(double[] values, double seconds, Random random);
}

/// <summary><c>flow: peak_flow * busy</c>: worked out anew at each step.</summary>
public sealed class Worked(int slot, Func<double[], double> formula) : Part(slot)
{
    public override void Begin(double[] values, Random random) => values[Slot] = formula(values);

    public override void Advance(double[] values, double seconds, Random random) => values[Slot] = formula(values);
}

/// <summary><c>{follow: target, over: 60s}</c>: goes after its target and has two thirds of the way behind it after that time (first order, exact for a target that stands).</summary>
public sealed class Lag(int slot, Func<double[], double> target, Func<double[], double> constant) : Part(slot)
{
    public override void Begin(double[] values, Random random) => values[Slot] = target(values);

    public override void Advance(double[] values, double seconds, Random random) =>
        values[Slot] += (target(values) - values[Slot]) * (1 - Math.Exp(-seconds / Math.Max(1e-3, constant(values))));
}

/// <summary><c>{adds: inflow - outflow, per: s, from: 2, within: 0..5}</c>: a tank, a counter, a battery.</summary>
/// <param name="per">Seconds in the time unit of <paramref name="rate"/>.</param>
public sealed class Balance(int slot, Func<double[], double> rate, double per, Func<double[], double> from, double least, double most) : Part(slot)
{
    public override void Begin(double[] values, Random random) => values[Slot] = Math.Clamp(from(values), least, most);

    public override void Advance(double[] values, double seconds, Random random) =>
        values[Slot] = Math.Clamp(values[Slot] + (rate(values) * seconds / per), least, most);
}

/// <summary><c>{on: level &gt; 2, off: level &lt; 1}</c>: stays as it is between the two.</summary>
public sealed class Switch(int slot, Func<double[], double> on, Func<double[], double> off) : Part(slot)
{
    public override void Begin(double[] values, Random random) => Advance(values, 0, random);

    public override void Advance(double[] values, double seconds, Random random)
    {
        if (values[Slot] == 0 ? on(values) != 0 : off(values) != 0)
            values[Slot] = 1 - values[Slot];
    }
}

/// <summary><c>{profile: {"00:00": 0.2, "08:00": 1}}</c>: by the hour of the local day.</summary>
/// <param name="hour">The place of the hour, 0 up to 24, and of whether it is Saturday or Sunday.</param>
public sealed class Profile(int slot, (int Hour, int Weekend) hour, Curve weekdays, Curve weekend) : Part(slot)
{
    public override void Begin(double[] values, Random random) => Advance(values, 0, random);

    public override void Advance(double[] values, double seconds, Random random) =>
        values[Slot] = (values[hour.Weekend] != 0 ? weekend : weekdays).At(values[hour.Hour]);
}
