using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

public class ShippedFamiliesTests
{
    [Fact]
    public void The_shipped_files_load_without_an_error()
    {
        var (families, errors) = FamilySet.Load(FamilySet.ShippedFiles());

        Assert.Empty(errors);
        Assert.Empty(new[] { "area", "drainage_pump", "gas_valve", "gateway", "manhole_cover", "public_toilet", "system", "tunnel" }.Except(families!.All.Select(family => family.Name)));
    }
}
