using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

/// <summary>Which changes of a shipped file take a second person.</summary>
public class FamilyChangeTests
{
    [Theory]
    [InlineData("public_toilet", "{en: SOS pressed often", "{en: SOS pressed too often", "")]
    [InlineData("public_toilet", "by: shipped default", "by: Li", "")]
    [InlineData("public_toilet", "family: public_toilet", "# reviewed\nfamily: public_toilet", "")]
    [InlineData("public_toilet", "heartbeat: ", "heartbeat:   ", "")]
    [InlineData("public_toilet", "when: sos_active", "when: sos_active && stall_occupied", "sos")]
    [InlineData("drainage_pump", "above: overflow_level", "above: overflow_level + 0.1 m", "level_high")]
    [InlineData("drainage_pump", "overflow_level:   {unit: m, default: 2.8", "overflow_level:   {unit: m, default: 2.9", "level_high,road_flood_close")]
    public void A_change_reaches_what_it_touches_and_what_all_share(string family, string from, string to, string reached)
    {
        var text = FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text;
        Assert.Contains(from, text, StringComparison.Ordinal);
        var changed = FamilyReader.Read("changed.yaml", text.Replace(from, to, StringComparison.Ordinal));
        Assert.Empty(changed.Errors);
        Assert.Equal(reached, string.Join(',', FamilyChange.NeverShelvedReached(FamilyReader.Read(family + ".yaml", text).Family, changed.Family!)));
    }

    [Fact]
    public void Taking_such_a_rule_out_and_a_new_family_with_one_reach_it()
    {
        var family = FamilySet.Shipped().Find("public_toilet")!;
        var (from, to) = (family.Text.IndexOf("  sos:", StringComparison.Ordinal), family.Text.IndexOf("  overstay:", StringComparison.Ordinal));
        var without = FamilyReader.Read("x.yaml", family.Text[..from] + family.Text[to..]);
        Assert.Empty(without.Errors);
        Assert.Equal(["sos"], FamilyChange.NeverShelvedReached(family, without.Family!));
        Assert.Equal(["sos"], FamilyChange.NeverShelvedReached(null, family));
    }

    [Fact]
    public void A_cause_that_begins_to_hide_such_a_rule_reaches_it()
    {
        var family = FamilySet.Shipped().Find("gas_valve")!;
        var text = family.Text.Replace("  battery_low:\n", "  battery_low:\n    suppresses: [close_failed]\n", StringComparison.Ordinal);
        Assert.NotEqual(text, family.Text);
        var changed = FamilyReader.Read("x.yaml", text);
        Assert.Empty(changed.Errors);
        Assert.Contains("close_failed", FamilyChange.NeverShelvedReached(family, changed.Family!));
    }
}
