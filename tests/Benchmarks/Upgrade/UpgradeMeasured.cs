namespace Telemetry.Benchmarks.Upgrade;

/// <summary>A rolling upgrade, and between what it was measured.</summary>
/// <param name="Old">The version, with its commit where the build knew it.</param>
/// <param name="IsSame">Both are the same build.</param>
internal sealed record UpgradeMeasured(string Old, string New, bool IsSame, UpgradeOptions Options, UpgradeResult Result)
{
    public string Versions => IsSame ? $"{New}, twice the same build" : $"{Old} to {New}";

    /// <summary>Alarms that were published, or not yet told everywhere, while this node was away.</summary>
    public IEnumerable<ToldAlarm> During(UpgradeRestart restart) =>
        Result.Alarms.Where(alarm => alarm.Published < restart.Ready && alarm.Published + (alarm.Clients.Append(alarm.Person).Max() / 1000) >= restart.Begun);

    /// <summary>Those that were published before the first node was stopped and are of no restart.</summary>
    public IEnumerable<ToldAlarm> Before => Result.Alarms.Where(alarm => alarm.Published < Result.Restarts[0].Begun).Except(Result.Restarts.SelectMany(During));

    /// <summary>Those that were published later and are of no restart.</summary>
    public IEnumerable<ToldAlarm> Between => Result.Alarms.Except(Before).Except(Result.Restarts.SelectMany(During));
}
