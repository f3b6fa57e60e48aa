using Telemetry.Ingest.Dashboards.Panels;

namespace Telemetry.Ingest.Dashboards.Families;

internal static class Rows
{
    /// <summary>A row of the panels that there are.</summary>
    public static Row Of(int height, string? heading, params (int Width, Panel? Panel)[] cells) =>
        new(height, [.. cells.Where(cell => cell.Panel is not null).Select(cell => (cell.Width, cell.Panel!))], heading);
}
