using Telemetry.Ingest.Gateways.External;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary><c>Upward:*</c>: the service of the city, to which this one forwards what its gateways send, or how many of its alarms are active.</summary>
/// <param name="City">Its door for gateways, with this district's credentials there.</param>
/// <param name="Gateway">This service's name there: user name, and second topic level of everything that it forwards.</param>
/// <param name="Counts">Path of the family file of <see cref="AlarmCounts"/>; null to forward every reading.</param>
internal sealed record UpwardOptions(ExternalOptions City, string Gateway, string? Counts)
{
    public static readonly string[] Keys = ["Upward:Address", "Upward:Gateway", "Upward:PasswordFile", "Upward:CaFile", "Upward:Window", "Upward:Counts"];

    // The same keys as of an external broker, but for the user: that is the gateway's name.
    private static readonly Dictionary<string, string> Names = new() { ["Mqtt:External:User"] = "Upward:Gateway", ["Mqtt:External:ClientId"] = "Upward:Gateway" };

    /// <param name="error">Key, value, what would be right.</param>
    /// <returns>Null without <c>Upward:Address</c>.</returns>
    public static UpwardOptions? Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        if (configuration["Upward:Address"] is not { } address)
        {
            foreach (var key in Keys.Where(key => configuration[key] is not null))
                error(key, configuration[key], "needs Upward:Address, such as mqtts://city.example.cn:8883");
            return null;
        }
        var gateway = configuration["Upward:Gateway"];
        if (gateway is null || !DeviceId.IsValid(gateway))
            error("Upward:Gateway", gateway, "this service's name as a gateway of the city, such as district-jinshui: 1-64 characters A-Z a-z 0-9 _ . : -");
        var external = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Mqtt:External:Address", address), new("Mqtt:External:User", gateway), new("Mqtt:External:ClientId", gateway), new("Mqtt:External:PasswordFile", configuration["Upward:PasswordFile"]),
            new("Mqtt:External:CaFile", configuration["Upward:CaFile"]), new("Mqtt:External:Window", configuration["Upward:Window"]),
        ]).Build();
        var city = ExternalOptions.Read(external, [], (key, value, right) => error(Names.GetValueOrDefault(key) ?? key.Replace("Mqtt:External", "Upward", StringComparison.Ordinal), value, right));
        return city is null || gateway is null ? null : new UpwardOptions(city, gateway, configuration["Upward:Counts"]);
    }
}
