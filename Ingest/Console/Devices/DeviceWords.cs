using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Devices;

/// <summary>A device's states and place as people read them.</summary>
internal static class DeviceWords
{
    public static readonly IReadOnlyList<string> States = ["live", "commissioning", "test", "drill", "provisional"];

    public static string Mode(this PageSettings settings, string state) => state switch
    {
        "live" => settings.Say("live", "正常运行"),
        "commissioning" => settings.Say("commissioning", "调试"),
        "test" => settings.Say("test", "测试"),
        "drill" => settings.Say("drill", "演练"),
        _ => settings.Say("not adopted yet", "尚未登记"),
    };

    public static string Place(Device device) => string.Join(" · ", new[] { device.District, device.Street, device.Address }.Where(part => !string.IsNullOrEmpty(part)));

    public static string PathOf(string id) => $"device/{Uri.EscapeDataString(id)}";
}
