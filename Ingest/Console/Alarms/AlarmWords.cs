using System.Globalization;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Alarms;

/// <summary>An alarm's states, values and severities as people read them.</summary>
internal static class AlarmWords
{
    public static readonly IReadOnlyList<Severity> Severities = [Severity.Critical, Severity.High, Severity.Medium, Severity.Low];

    public static string Mark(this Severity severity) => severity switch
    {
        Severity.Critical => "P1",
        Severity.High => "P2",
        Severity.Medium => "P3",
        _ => "P4",
    };

    public static string State(this PageSettings settings, AlarmState state) => state switch
    {
        AlarmState.ActiveUnacknowledged => settings.Say("active", "报警中"),
        AlarmState.ActiveAcknowledged => settings.Say("active, acknowledged", "报警中，已确认"),
        AlarmState.ClearedUnacknowledged => settings.Say("over, not acknowledged", "已恢复，未确认"),
        AlarmState.LatchedUnacknowledged => settings.Say("over, latched", "已恢复，锁存"),
        AlarmState.LatchedAcknowledged => settings.Say("over, latched, acknowledged", "已恢复，锁存，已确认"),
        AlarmState.Shelved => settings.Say("shelved", "已搁置"),
        AlarmState.Suppressed => settings.Say("suppressed", "已抑制"),
        AlarmState.OutOfService => settings.Say("out of service", "已停用"),
        _ => settings.Say("ended", "已结束"),
    };

    public static string Value(this PageSettings settings, Alarm alarm)
    {
        if (alarm.ValueState is { } state)
            return state.Replace('_', ' ');
        return alarm.Value is not { } value ? "" : Number(value) + Unit(alarm.Unit);
    }

    public static string Limit(Alarm alarm) => alarm.Limit is { } limit ? Number(limit) + Unit(alarm.Unit) : "";

    public static string Number(double number) =>
        Math.Abs(number) is not 0 and (< 0.001 or >= 1e7) ? number.ToString("0.##e0", CultureInfo.InvariantCulture)
        : number.ToString(Math.Abs(number) < 1 ? "0.####" : Math.Abs(number) < 100 ? "0.##" : "#,0.#", CultureInfo.InvariantCulture);

    /// <summary>UCUM as people write it, with the space before it.</summary>
    public static string Unit(string? unit) => unit switch
    {
        null or "1" => "",
        "Cel" => " °C",
        "deg" => " °",
        "[ppm]" => " ppm",
        "%{LEL}" => " %LEL",
        "m3" => " m³",
        "m3/h" => " m³/h",
        "m-1" => " m⁻¹",
        "cd/m2" => " cd/m²",
        _ => " " + unit,
    };

    public static string Place(Alarm alarm) => string.Join(" · ", new[] { alarm.District, alarm.Street }.Where(part => !string.IsNullOrEmpty(part)));

    public static bool IsUnacknowledged(this Alarm alarm) => alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged;
}
