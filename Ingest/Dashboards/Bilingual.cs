using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

internal static class Bilingual
{
    /// <summary>Both languages in one line.</summary>
    public static string Text(this Title title) => $"{title.En} · {title.Zh}";
}
