using System.Text.RegularExpressions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Plain;

namespace Telemetry.Rules.Tests.Families;

/// <summary>Rules in plain sentences, for people who don't read formulas.</summary>
public class PlainRuleTests
{
    private static readonly FamilySet Shipped = FamilySet.Shipped();

    public static TheoryData<string, string> ShippedRules
    {
        get
        {
            var rules = new TheoryData<string, string>();
            foreach (var family in Shipped.All)
            {
                foreach (var rule in family.Rules)
                    rules.Add(family.Name, rule.Name);
            }
            return rules;
        }
    }

    private static (Family Family, Rule Rule) Find(string family, string rule)
    {
        var found = Shipped.All.First(one => one.Name == family);
        return (found, found.Rules.First(one => one.Name == rule));
    }

    /// <summary>Formulas, and phrases whose parts are missing, leave these behind.</summary>
    [Theory]
    [MemberData(nameof(ShippedRules))]
    public void Every_shipped_rule_is_said_without_a_formula_in_both_languages(string family, string rule)
    {
        var (found, one) = Find(family, rule);
        foreach (var sentences in (IReadOnlyList<string>[])[PlainRule.InEnglish(found, one), PlainRule.InChinese(found, one)])
        {
            var said = sentences.Where(sentence => !sentence.StartsWith("Not evaluated", StringComparison.Ordinal) && !sentence.StartsWith("本版本", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(said);
            Assert.All(said, sentence => Assert.DoesNotMatch(@"&&|\|\||[<>]=?|==|\{\d\}|\b\w+\(", sentence));
        }
        Assert.All(PlainRule.InChinese(found, one), sentence => Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", sentence));
        Assert.Equal(PlainRule.InEnglish(found, one).Count, PlainRule.InChinese(found, one).Count);
    }

    [Fact]
    public void What_to_bring_is_said_where_it_is_written_down()
    {
        var (family, rule) = Find("manhole_cover", "cover_open");
        Assert.Contains("To bring: Barrier, warning lamp, cover hook, spare cover.", PlainRule.InEnglish(family, rule));
        Assert.Contains("携带：围挡、警示灯、井盖钩、备用井盖。", PlainRule.InChinese(family, rule));
    }

    [Fact]
    public void A_ladder_reads_from_its_lowest_rung_up()
    {
        var (family, rule) = Find("drainage_pump", "level_high");
        Assert.Equal(
            [
                "Raises a high alarm when Sump level is above High level, for 30 s.",
                "Raises a critical alarm (overflow) when Sump level is above Overflow level, for 10 s.",
                "Clears when that has been over for 2 min.",
                "While it can't be told, that is an alarm of its own.",
            ],
            PlainRule.InEnglish(family, rule).Take(4));
        Assert.Equal(
            [
                "触发高级报警：集水池水位高于高水位，持续 30 秒。",
                "触发紧急报警 (overflow)：集水池水位高于溢流水位，持续 10 秒。",
                "条件结束并持续 2 分钟 后恢复。",
                "无法判断本身即产生一条报警。",
            ],
            PlainRule.InChinese(family, rule).Take(4));
    }

    [Theory]
    [InlineData("drainage_pump", "no_drawdown", "Needs the setting rated_flow (Rated flow of one pump, m³/h), which every device must say.")]
    [InlineData("drainage_pump", "no_drawdown", "“running” means: for any of them: Pump running: yes.")]
    [InlineData("drainage_pump", "no_drawdown", "It is a critical alarm if also Sump level is above High level.")]
    [InlineData("tunnel", "tunnel_fire", "Once raised it stays until someone resets it by name, on site, after looking.")]
    [InlineData("tunnel", "tunnel_fire", "“smoke_jumps” means: the increase of Extinction coefficient K within 30 s is above 0.005 m-1.")]
    [InlineData("manhole_cover", "street_covers", "Beneath it stand the alarms “Cover open” of the same place.")]
    [InlineData("manhole_cover", "offline", "Raises a ticket when the device has not been heard for 2.5 heartbeats.")]
    [InlineData("manhole_cover", "planned_opening", "While it stands it explains, and keeps quiet: “Cover open”, “Cover loose”.")]
    [InlineData("gas_valve", "close_unconfirmed", "“closed_since_alarm” means: Valve position is closed and Valve position was reported after the alarm “Gas leak” came.")]
    [InlineData("public_toilet", "sos", "One for each stall.")]
    public void A_rule_says(string family, string rule, string sentence)
    {
        var (found, one) = Find(family, rule);
        Assert.Contains(sentence, PlainRule.InEnglish(found, one));
    }

    /// <summary>docs/rules.md lists every function; each is said in words, not as a formula.</summary>
    [Fact]
    public void Every_function_has_its_phrase_in_both_languages()
    {
        var usages = Regex.Matches(File.ReadAllText(Path.Combine(RulesPageTests.Root(), "docs", "rules.md")), @"`(\w+)\(").Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(usages.Count >= 20, $"{usages.Count}");
        Assert.All(usages, name => Assert.Contains(English.Phrases.Functions.Keys, key => key.Function == name));
        Assert.Equal(English.Phrases.Functions.Keys.Order(), Chinese.Phrases.Functions.Keys.Order());
    }
}
