namespace Telemetry.Ingest.Log;

/// <summary>The kind byte of an entry on the disk; FORMAT.md lists the bodies. Numbers are never reused.</summary>
internal enum EntryKind : byte
{
    Reading = 1,
    Tick = 2,
    ClockStep = 3,
    ServiceStarted = 4,
    Gateway = 5,
    Device = 6,
    Family = 7,
    Action = 8,
    System = 9,
    DeadLetter = 10,
    Calendar = 11,
    Redecoded = 12,
    Position = 13,
    Account = 14,
}

internal static class EntryKinds
{
    /// <summary>May go on while the disk is full. Gateway entries stay in order with the readings they speak of; dead letters come as fast as readings.</summary>
    public static bool MayUseReserve(this EntryKind kind) => kind is not (EntryKind.Reading or EntryKind.Gateway or EntryKind.DeadLetter or EntryKind.Redecoded);

    /// <summary>Outlives its segment by being copied to a kept file: who did what and sat where, under which rules, on which devices, what was planned, who may log in.</summary>
    public static bool IsKept(this EntryKind kind) => kind is EntryKind.Device or EntryKind.Family or EntryKind.Action or EntryKind.System or EntryKind.Calendar or EntryKind.Position or EntryKind.Account;
}
