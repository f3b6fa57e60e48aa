using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Positions;

/// <summary>The one position that an alarm belongs to: what its route in Notify:File says, else the one whose districts it is in.</summary>
internal sealed class AlarmOwner(PositionPlan plan, NotifySource notify, DeviceDirectory devices, CalendarDirectory calendar)
{
    public string Of(Alarm alarm) => notify.Current is { } file && file.Routes.Any(route => route.Position is not null) && OfRoute(file, alarm) is { } named ? named : plan.OwnerOf(alarm.District);

    /// <summary>As it was announced; a file that has come since may name a position that there is not.</summary>
    private string? OfRoute(NotifyFile file, Alarm alarm)
    {
        var at = alarm.AnnouncedAt ?? alarm.RaisedReceivedAt;
        var asksCalendar = file.Routes.Any(route => route.Calendar != CalendarKinds.None);
        var inForce = asksCalendar ? CalendarFacts.InForce(calendar.All, devices.Find(alarm.Device), at) : CalendarKinds.None;
        var route = new Router(file).Of(new RouteQuery(alarm.Kind, alarm.Family, alarm.Rule, alarm.Severity, alarm.District, alarm.Street, inForce), at).Route;
        return route.Position is { } position && plan.Find(position) is not null ? position : null;
    }
}
