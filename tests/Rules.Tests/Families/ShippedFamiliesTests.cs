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

    [Fact]
    public void A_critical_rule_of_a_device_that_sends_somebody_says_what_to_bring()
    {
        var sending = FamilySet.Shipped().All.Where(family => !family.IsBuiltIn).SelectMany(family => family.Rules)
            .Where(rule => rule.Steps.Any(step => step.Severity == Severity.Critical) && rule.Action is { } action && action.En.Contains("send", StringComparison.OrdinalIgnoreCase)).ToList();

        Assert.NotEmpty(sending);
        Assert.Empty(sending.Where(rule => rule.Bring is null).Select(rule => rule.Name));
    }
}
