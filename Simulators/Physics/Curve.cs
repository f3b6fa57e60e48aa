namespace Telemetry.Simulators.Physics;

/// <summary>A line through points, level before the first and behind the last.</summary>
/// <param name="points">In order of <c>At</c>; at least one.</param>
public sealed class Curve(IReadOnlyList<(double At, double Value)> points)
{
    public double At(double at)
    {
        if (at <= points[0].At)
            return points[0].Value;
        for (var i = 1; i < points.Count; i++)
        {
            if (at < points[i].At)
                return points[i - 1].Value + ((points[i].Value - points[i - 1].Value) * (at - points[i - 1].At) / (points[i].At - points[i - 1].At));
        }
        return points[^1].Value;
    }
}
