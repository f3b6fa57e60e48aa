using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Routing;

/// <summary>The register's calendar as routes ask for it.</summary>
internal static class CalendarFacts
{
    /// <param name="device">Null for an alarm of no device: only what holds for the whole city is in force there.</param>
    /// <param name="at">Unix ms.</param>
    public static CalendarKinds InForce(IEnumerable<CalendarItem> calendar, Device? device, long at)
    {
        var kinds = CalendarKinds.None;
        foreach (var item in calendar.Where(item => item.IsAt(at) && (device is null ? item.Scope == CalendarScope.City : Calendar.Covers(item, device))))
        {
            kinds |= item.Kind switch
            {
                CalendarKind.WorkOrder => CalendarKinds.WorkOrder,
                CalendarKind.RainForecast => CalendarKinds.RainForecast,
                _ => CalendarKinds.Holiday,
            };
        }
        return kinds;
    }
}
