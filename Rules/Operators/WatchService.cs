using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>The service about itself: <c>system/clock_step</c>, <c>log_unwritable</c>, <c>disk_low</c>, <c>disk_almost_full</c>, <c>broker_lost</c>, <c>session_lost</c>, <c>channel_dead</c>, <c>channel_unproven</c>, <c>watchdog_lost</c>, <c>upward_lost</c>, <c>stream_differs</c>, and for each certificate <c>certificate_expiring</c>, <c>certificate_expires_soon</c>.</summary>
public sealed class WatchService(Fleet fleet)
{
    public const string Service = "telemetry";

    public const string BrokerLost = "broker_lost";

    public const string SessionLost = "session_lost";

    public const string LogUnwritable = "log_unwritable";

    public const string DiskLow = "disk_low";

    public const string DiskAlmostFull = "disk_almost_full";

    public const string ChannelDead = "channel_dead";

    public const string ChannelUnproven = "channel_unproven";

    public const string WatchdogLost = "watchdog_lost";

    public const string CertificateExpiring = "certificate_expiring";

    public const string CertificateExpiresSoon = "certificate_expires_soon";

    public const string UpwardLost = "upward_lost";

    public const string StreamDiffers = "stream_differs";

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ClockStepEntry entry:
                // Over as soon as it is there: what stands is a ticket that someone has to see.
                Add(moment, fleet, "clock_step", true, $"the wall clock jumped forward by {entry.By / 1000} s");
                Add(moment, fleet, "clock_step", false, null);
                break;
            case SystemEntry entry:
                if (entry.Rule == BrokerLost)
                    fleet.BrokerLost = entry.Active;
                else if (entry.Rule == LogUnwritable)
                    fleet.LogUnwritable = entry.Active;
                Add(moment, fleet, entry.Rule, entry.Active, entry.Detail, entry.Subject ?? Service);
                break;
        }
        return moment;
    }

    /// <summary>The service's own alarm of this rule comes or goes. A file without the rule raises none.</summary>
    internal static void Add(Moment moment, Fleet fleet, string rule, bool active, string? detail, string subject = Service) =>
        Add(moment, fleet, rule, active, detail, new Device { Id = subject, Family = "system" });

    /// <summary>The same for one of its devices: whoever answers for that place sees it.</summary>
    internal static void Add(Moment moment, Fleet fleet, string rule, bool active, string? detail, Device device)
    {
        if (fleet.Plan("system") is not { } plan || plan.Family.Rules.FirstOrDefault(known => known.Name == rule) is not { } found)
            return;
        var subject = Fleet.SubjectOf(device.Id, plan) with { District = device.District, Street = device.Street };
        moment.Changes.Add(new ConditionChange(
            subject, found, 0, active ? 0 : -1, moment.Entry.Time, (ulong)moment.Entry.Time, new Evidence(null, null, null, null, null, detail)));
    }
}
