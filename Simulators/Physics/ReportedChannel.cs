using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics;

/// <summary>One channel of a report: its name with instance, and how its value comes about.</summary>
public abstract record ReportedChannel(string Channel, Func<double[], double> Value)
{
    public abstract void Add(double[] values, ValueList report);
}

public sealed record ReportedNumber(string Channel, Func<double[], double> Value, int Decimals) : ReportedChannel(Channel, Value)
{
    public override void Add(double[] values, ValueList report) => report.Add(Channel, Value(values), Decimals);
}

/// <param name="Value">Not 0 for true.</param>
public sealed record ReportedSwitch(string Channel, Func<double[], double> Value) : ReportedChannel(Channel, Value)
{
    public override void Add(double[] values, ValueList report) => report.Add(Channel, Value(values) != 0);
}

/// <param name="Value">The index of the state.</param>
public sealed record ReportedState(string Channel, Func<double[], double> Value, IReadOnlyList<string> States) : ReportedChannel(Channel, Value)
{
    public override void Add(double[] values, ValueList report) => report.Add(Channel, States[(int)Value(values)]);
}
