using System.Reflection;
using Microsoft.AspNetCore.Components;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.OperatorPage.Live;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>The page's views see devices and alarms through PageSight, which knows whose page it is.</summary>
public sealed class SightTests
{
    // Each looks up what was in scope when it was found.
    private static readonly string[] Excepted = ["DeadLettersPage.DeviceDirectory", "ImportDialog.DeviceDirectory", "DeviceAlarms.AlarmBook", "SignPanel.AlarmBook", "LivePage.LiveBoard"];

    [Fact]
    public void No_view_asks_the_register_or_the_alarms_themselves()
    {
        var asked = typeof(LivePage).Assembly.GetTypes().Where(type => typeof(ComponentBase).IsAssignableFrom(type))
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(property => property.IsDefined(typeof(InjectAttribute), inherit: false)).Select(property => (type, property.PropertyType)))
            .ToList();
        Assert.Contains(asked, each => each.PropertyType == typeof(Ingest.OperatorPage.Session.PageSight));
        Type[] whole = [typeof(DeviceDirectory), typeof(AlarmBook), typeof(LiveBoard), typeof(AlarmFeed)];
        Assert.Equal(Excepted.Order(StringComparer.Ordinal), asked.Where(each => whole.Contains(each.PropertyType)).Select(each => $"{each.type.Name}.{each.PropertyType.Name}").Order(StringComparer.Ordinal));
    }
}
