namespace Telemetry.Ingest.Notify;

/// <summary>A device's mode, as its alarms carry it.</summary>
internal static class Modes
{
    public const string Live = "live", Drill = "drill", Test = "test";

    public static readonly IReadOnlyList<string> All = [Live, Drill, Test];
}
