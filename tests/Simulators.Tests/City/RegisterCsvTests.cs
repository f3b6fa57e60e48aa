using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

public sealed class RegisterCsvTests
{
    [Fact]
    public void Settings_and_links_become_columns_and_a_comma_or_quote_is_quoted()
    {
        Device[] devices =
        [
            new() { Id = "a", Family = "manhole_cover", Gateway = "gw-1", Latitude = 28.5, Longitude = 115.25, Address = "Minde Road 3, \"old\" wall", Settings = new Dictionary<string, string> { ["well_depth"] = "3.5" } },
            new() { Id = "b", Family = "drainage_pump", Heartbeat = "60s", State = "test", StateUntil = "2026-07-01T08:00:00Z", StateReason = "exercise, north", Links = new Dictionary<string, string> { ["gauge"] = "rain-1" } },
        ];

        Assert.Equal(
            """
            id,family,model,gateway,district,street,latitude,longitude,address,parent,heartbeat,state,stateUntil,stateReason,settings.well_depth,links.gauge
            a,manhole_cover,,gw-1,,,28.5,115.25,"Minde Road 3, ""old"" wall",,,live,,,3.5,
            b,drainage_pump,,,,,,,,,60s,test,2026-07-01T08:00:00Z,"exercise, north",,rain-1

            """,
            RegisterCsv.Write(devices));
    }
}
