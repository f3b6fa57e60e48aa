namespace Telemetry.Simulators.Replay;

/// <summary>Names as levels of a native topic.</summary>
internal static class ReplayTopic
{
    /// <summary>The gateway of readings that name none.</summary>
    public const string Gateway = "replay";

    public static bool IsLevel(string? name) => !string.IsNullOrEmpty(name) && name.AsSpan().IndexOfAny("/+#\0") < 0;

    public static string Of(RecordedReading reading, string? gateway) => $"telemetry/v1/{gateway ?? reading.Gateway ?? Gateway}/{reading.Family}/{reading.Device}";
}
