namespace Telemetry.Rules.Conditions;

internal enum ArgumentKind : byte
{
    Number,
    Condition,

    /// <summary>A number, a condition or a state.</summary>
    Value,
    Duration,
    Text,

    /// <summary>Where else to look: one of <see cref="Functions.Places"/> or a link's role.</summary>
    Place,
    Rule,
    RuleOrCondition,
    RuleOrValue,
}

internal enum FunctionResult : byte
{
    Condition,
    Count,

    /// <summary>In the unit of the first argument.</summary>
    Same,

    /// <summary>In that unit per time.</summary>
    PerTime,
}

/// <param name="Usage">As a person would write it.</param>
/// <param name="Required">How many of the arguments must be there; a function without any may be written without parentheses.</param>
internal sealed record Function(string Name, string Usage, FunctionResult Result, int Required, params ArgumentKind[] Arguments);

/// <summary>
/// The closed table of functions over time, over other devices and over the calendar.
/// </summary>
internal static class Functions
{
    public static readonly Function[] All =
    [
        new("rate", "rate(sump_level, 3m)", FunctionResult.PerTime, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("increase", "increase(start_count, 1h)", FunctionResult.Same, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("mean", "mean(carbon_monoxide, 15m)", FunctionResult.Same, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("lowest", "lowest(sump_level, 10m)", FunctionResult.Same, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("highest", "highest(carbon_monoxide, 15m)", FunctionResult.Same, 2, ArgumentKind.Number, ArgumentKind.Duration),
        // Of the values that were reported, and how many there were.
        new("total", "total(rainfall, 1h)", FunctionResult.Same, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("reports", "reports(sump_level, 10m)", FunctionResult.Count, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("rising", "rising(sump_level, 90s)", FunctionResult.Condition, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("falling", "falling(sump_level, 90s)", FunctionResult.Condition, 2, ArgumentKind.Number, ArgumentKind.Duration),
        new("stuck", "stuck(sump_level, 10m)", FunctionResult.Condition, 2, ArgumentKind.Value, ArgumentKind.Duration),
        new("changed", "changed(pump_run, 10m)", FunctionResult.Condition, 2, ArgumentKind.Value, ArgumentKind.Duration),
        // The value as last heard, however old it is by now.
        new("last", "last(sump_level)", FunctionResult.Same, 1, ArgumentKind.Number),
        // The first was reported after the second, or after the second's alarm began.
        new("newer", "newer(fan_state, fan_command)", FunctionResult.Condition, 2, ArgumentKind.Value, ArgumentKind.RuleOrValue),
        // True without a break for at least so long.
        new("held", "held(control_mode != auto, 30m)", FunctionResult.Condition, 2, ArgumentKind.Condition, ArgumentKind.Duration),
        // How often it became true.
        new("times", "times(sos_active, 7d)", FunctionResult.Count, 2, ArgumentKind.Condition, ArgumentKind.Duration),
        // The first became true, and then the second, both within the duration.
        new("sequence", "sequence(power_supply == lost, !pump_run, 5m)", FunctionResult.Condition, 3, ArgumentKind.Condition, ArgumentKind.Condition, ArgumentKind.Duration),
        // The rule's alarm stands, or stood within the duration.
        new("alarm", "alarm(leak_high, 10m)", FunctionResult.Condition, 1, ArgumentKind.Rule, ArgumentKind.Duration),
        // How many devices of that place it is, or was, true for.
        new("count_in", "count_in(street, cover_open, 30m)", FunctionResult.Count, 2, ArgumentKind.Place, ArgumentKind.RuleOrCondition, ArgumentKind.Duration),
        new("neighbour", "neighbour(increase(extinction_coefficient, 30s) > 0.005 m-1)", FunctionResult.Condition, 1, ArgumentKind.Condition),
        new("work_order", "work_order(\"entry\")", FunctionResult.Condition, 0, ArgumentKind.Text),
        new("closed_hours", "closed_hours", FunctionResult.Condition, 0),
        new("rain_forecast", "rain_forecast", FunctionResult.Condition, 0),
    ];

    /// <summary>Those that change without a reading of the device.</summary>
    public static readonly string[] Elsewhere = ["count_in", "neighbour", "work_order", "closed_hours", "rain_forecast"];

    /// <summary>Places that the register links, by that role; they need not be devices.</summary>
    public static readonly string[] LinkedPlaces = ["catchment", "cell"];

    public static readonly string[] Places = ["street", "catchment", "district", "gateway", "cell", "parent", "city"];

    /// <summary>Those over the present values, with their usage.</summary>
    public static readonly (string Name, string Usage)[] OfThePresent =
    [
        ("any", "any(pump_run)"), ("all", "all(pump_run)"), ("count", "count(pump_run)"), ("sum", "sum(discharge_flow)"), ("mean", "mean(motor_current)"),
        ("min", "min(motor_current) or min(80 % of well_depth, 2 m)"), ("max", "max(motor_current) or max(80 % of well_depth, 2 m)"), ("abs", "abs(air_velocity)"),
        ("unknown", "unknown(sump_level)"),
    ];

    public static Function? Find(string name) => Array.Find(All, function => function.Name == name);

    public static IEnumerable<string> Names => All.Select(function => function.Name).Concat(OfThePresent.Select(function => function.Name)).Distinct();
}
