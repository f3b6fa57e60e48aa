using System.Reflection;

namespace Telemetry.Ingest.Watchdog;

/// <summary>The device whose readings prove that readings pass, and its family's file.</summary>
internal static class TestFamily
{
    public const string Name = "watchdog", Device = "watchdog", Gateway = "watchdog", TestAlarm = "test_alarm";

    /// <summary>As <see cref="Hosting.RulesFolder"/> takes it.</summary>
    public static (string File, string Text) File()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("watchdog.yaml")!;
        using var text = new StreamReader(stream);
        return ("watchdog.yaml", text.ReadToEnd());
    }
}
