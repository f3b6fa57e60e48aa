using Telemetry.Ingest.Devices;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>The measurement <c>device_state</c>: one line.</summary>
/// <param name="Worst">0 none, 1 low to 4 critical.</param>
/// <param name="Open">Alarms that an operator sees in the list.</param>
internal readonly record struct DeviceStateLine(string Device, string Family, Place Place, int Worst, int Open, bool Silent)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <param name="time">Log time, Unix ms.</param>
    public void Add(LineBuffer lines, long time, DeviceDirectory directory)
    {
        var line = lines.Writer;
        line.Bytes("device_state"u8);
        line.Tag(",device="u8, Device);
        line.Tag(",district="u8, Place.District);
        line.Tag(",family="u8, Family);
        line.Tag(",street="u8, Place.Street);
        line.Field(" worst="u8, Worst);
        line.Field(",open="u8, Open);
        line.Field(",silent="u8, Silent ? 1 : 0);
        PlaceFields.Add(line, directory.Find(Device), Family);
        line.Byte(' ');
        line.Digits(time * NanosecondsPerMillisecond);
        lines.EndLine();
    }
}
