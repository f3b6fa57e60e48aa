using Telemetry.Rules.Alarms;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <param name="At">Log time, Unix ms.</param>
/// <param name="Calls">In the 10 min up to then.</param>
internal readonly record struct LoadPoint(long At, int Calls, bool Flood);

/// <summary>What the operator had to bear in the course of a run, by the ledger that the score is from.</summary>
internal static class LoadCurve
{
    /// <summary>At evenly spaced moments, the end included.</summary>
    public static IReadOnlyList<LoadPoint> Of(ScenarioRun run, int points)
    {
        var (start, lasts) = (run.Start.ToUnixTimeMilliseconds(), (long)(run.End - run.Start).TotalMilliseconds);
        var ledger = new LoadLedger();
        ledger.Advance(start);
        var next = 0;
        var curve = new List<LoadPoint>(points);
        for (var i = 1; i <= points; i++)
        {
            var at = start + (lasts * i / points);
            for (; next < run.Transitions.Count && run.Transitions[next].ReceivedAt <= at; next++)
                ledger.Apply(run.Transitions[next], rule: null);
            ledger.Advance(at);
            var minute = ledger.Minute([])[0];
            curve.Add(new LoadPoint(at, minute.Last10Minutes, minute.Flood));
        }
        return curve;
    }
}
