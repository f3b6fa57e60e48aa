using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.OperatorPage.Live;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Session;

/// <summary>Devices and alarms as whoever sits before this page sees them: the page's views ask here, never the register or the alarms themselves.</summary>
internal sealed class PageSight(PageUser user, DeviceDirectory devices, AlarmBook book)
{
    private (BoardPicture Of, Scope Scope, BoardPicture Seen)? _picture;

    /// <summary>As it is now.</summary>
    public Scope Scope => user.Scope;

    public IEnumerable<Device> Devices => Scope is var scope && scope.IsCity ? devices.All : devices.All.Where(scope.Sees);

    public Device? Device(string id) => devices.Find(id) is { } device && Scope.Sees(device) ? device : null;

    public Alarm? Alarm(string id) => book.Find(id) is { } alarm && Scope.Sees(alarm) ? alarm : null;

    /// <summary>The figures in it are of the city.</summary>
    public BoardPicture Of(BoardPicture picture)
    {
        var scope = Scope;
        if (scope.IsCity)
            return picture;
        // Each component of the page asks for the same one.
        if (_picture is { } last && ReferenceEquals(last.Of, picture) && last.Scope == scope)
            return last.Seen;
        var seen = picture with { Open = [.. picture.Open.Where(scope.Sees)] };
        _picture = (picture, scope, seen);
        return seen;
    }
}
