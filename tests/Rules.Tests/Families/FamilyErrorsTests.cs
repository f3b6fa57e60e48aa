using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

/// <summary>Each kind of mistake, one row: what is changed in a right file, where the error stands, and what it says.</summary>
public class FamilyErrorsTests
{
    private const string Right = """
        family: pump
        title: {en: Pump, zh: 泵}
        heartbeat: 60s
        rationalised: {by: shipped default, on: null}
        channels:
          level: {unit: m, plausible: 0..12, every: 10s, title: {en: Level, zh: 水位}}
          run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
          supply: {states: [mains, lost], on_change: any, title: {en: Supply, zh: 供电}}
        settings:
          high: {unit: m, default: 2.2, min: 0, max: 12, title: {en: High, zh: 高}}
        words:
          filling: level > high && any(run)
        rules:
          level_high:
            title: {en: Level high, zh: 水位高}
            watch: level
            ladder:
              - {above: high, severity: high}
              - {name: overflow, above: high + 0.6 m, severity: critical}
            deadband: 0.2 m
            delay: {on: 30s, off: 2m}
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Send the crew., zh: 派员。}
            source: engineering default
          lost:
            kind: ticket
            title: {en: Supply lost, zh: 断电}
            when: supply == lost || filling
            suppresses: [stopped]
            source: engineering default
          stopped:
            each: pump
            kind: ticket
            title: {en: Stopped, zh: 停止}
            when: not run
            source: engineering default
        """;

    [Fact]
    public void The_file_that_the_rows_change_is_right() => Assert.Empty(FamilyReader.Read("pump.yaml", Right).Errors);

    [Theory]
    // Keys
    [InlineData("rationalised:", "models: {m1: {heartbeat: 60s, settings: {hgih: 2}}}\nrationalised:", 4, 42, "models.m1.settings.hgih", "unknown key 'hgih'; did you mean 'high'?")]
    [InlineData("rationalised:", "models: {m1: {settings: {high: 3 kPa}}}\nrationalised:", 4, 32, "models.m1.settings.high", "'3 kPa' is not in m")]
    [InlineData("rationalised:", "models: {m1: {settings: {high: 1300 cm}}}\nrationalised:", 4, 32, "models.m1.settings.high", "13 lies outside 0..12")]
    [InlineData("rationalised:", "models: {m1: {}}\nrationalised:", 4, 14, "models.m1", "heartbeat is missing; a model stands here for its heartbeat, its settings, or both")]
    [InlineData("heartbeat: 60s", "heartbeet: 60s", 3, 1, "heartbeet", "unknown key 'heartbeet'; did you mean 'heartbeat'?")]
    [InlineData("respond_in: 10m", "respond_im: 10m", 23, 5, "rules.level_high.respond_im", "did you mean 'respond_in'?")]
    [InlineData("    who: crew\n", "", 15, 5, "rules.level_high", "who is missing; an alarm says who responds")]
    [InlineData("    consequence: road closed\n", "", 15, 5, "rules.level_high", "consequence is missing")]
    [InlineData("    respond_in: 10m\n", "", 15, 5, "rules.level_high", "respond_in is missing")]
    [InlineData("    action: {en: Send the crew., zh: 派员。}\n", "", 15, 5, "rules.level_high", "action is missing")]
    [InlineData("    source: engineering default\n  lost", "  lost", 15, 5, "rules.level_high", "source is missing")]
    [InlineData("title: {en: Pump, zh: 泵}", "title: {en: Pump}", 2, 8, "title", "zh is missing")]
    [InlineData("title: {en: Level high, zh: 水位高}", "title: Level high", 15, 12, "rules.level_high.title", "expected a mapping")]
    [InlineData("  stopped:\n", "  lost:\n", 33, 3, "rules.lost", "stands twice: here and in line 27")]
    [InlineData("unit: m, plausible", "unit: m, unit: m, plausible", 6, 20, "channels.level.unit", "stands twice: here and in line 6")]
    [InlineData("family: pump", "family: Pump-Station", 1, 9, "family", "is not a family's name")]
    [InlineData("rationalised: {by: shipped default, on: null}", "rationalised: {by: me, on: today}", 4, 28, "rationalised.on", "'today' is not a day")]
    // Types, durations, ranges
    [InlineData("heartbeat: 60s", "heartbeat: soon", 3, 12, "heartbeat", "'soon' is not a duration; write 30s")]
    [InlineData("heartbeat: 60s", "heartbeat: 60", 3, 12, "heartbeat", "'60' is not a duration")]
    [InlineData("heartbeat: 60s", "heartbeat: [60s]", 3, 12, "heartbeat", "expected a text, found a list")]
    [InlineData("heartbeat: 60s", "heartbeat: 10ms", 3, 12, "heartbeat", "shorter than 1s")]
    [InlineData("on: 30s", "on: 30 seconds", 21, 17, "rules.level_high.delay.on", "'30 seconds' is not a duration")]
    [InlineData("plausible: 0..12", "plausible: 12", 6, 31, "channels.level.plausible", "'12' is not a range; write lowest..highest")]
    [InlineData("plausible: 0..12", "plausible: 12..0", 6, 31, "channels.level.plausible", "the lower end must be below the upper end")]
    [InlineData("plausible: 0..12", "plausible: 0..12, instrument: 0..10", 6, 50, "channels.level.instrument", "does not contain the plausible range")]
    [InlineData("bool: true, every: 10s", "bool: yes, every: 10s", 7, 22, "channels.run.{pump}.bool", "'yes' is neither true nor false")]
    [InlineData("plausible: 0..12", "max_rate: 2", 6, 30, "channels.level.max_rate", "'2' is not how fast it can change at most; write a number above 0, the channel's unit and a time, such as 1 m/min")]
    [InlineData("plausible: 0..12", "max_rate: 2 m", 6, 30, "channels.level.max_rate", "'2 m' is not how fast")]
    [InlineData("plausible: 0..12", "max_rate: 2 Cel/min", 6, 30, "channels.level.max_rate", "'2 Cel/min' is not how fast")]
    [InlineData("plausible: 0..12", "max_rate: -2 m/min", 6, 30, "channels.level.max_rate", "'-2 m/min' is not how fast")]
    [InlineData("plausible: 0..12", "max_rate: 0 m/min", 6, 30, "channels.level.max_rate", "'0 m/min' is not how fast")]
    [InlineData("plausible: 0..12", "max_rate: 2 m / min", 6, 30, "channels.level.max_rate", "'2 m / min' is not how fast")]
    [InlineData("plausible: 0..12", "max_rate: 1e400 m/min", 6, 30, "channels.level.max_rate", "'1e400 m/min' is not how fast")]
    [InlineData("plausible: 0..12", "counter: true, max_rate: 2 m/min", 6, 45, "channels.level.max_rate", "only a channel with a unit has one, and no counter")]
    [InlineData("unit: m, plausible", "unit: mtr, plausible", 6, 17, "channels.level.unit", "unknown unit 'mtr'")]
    [InlineData("states: [mains, lost]", "states: [mains, mains]", 8, 28, "channels.supply.states[1]", "the state 'mains' stands twice")]
    [InlineData("unit: m, plausible: 0..12, ", "unit: m, bool: true, ", 6, 10, "channels.level", "only one of unit, bool can be")]
    [InlineData("unit: m, plausible: 0..12, ", "", 6, 10, "channels.level", "the type is missing; write unit: m")]
    [InlineData("level: {unit: m, plausible: 0..12, every: 10s", "level: {unit: m, plausible: 0..12", 6, 10, "channels.level", "every is missing")]
    [InlineData("run.{pump}", "run.N", 7, 3, "channels.run.N", "a channel with instances is written run.{pump}")]
    [InlineData("default: 2.2", "default: 22", 10, 28, "settings.high.default", "22 lies outside 0..12")]
    [InlineData("default: 2.2", "default: 2 kPa", 10, 28, "settings.high.default", "'2 kPa' is not in m")]
    [InlineData("  high: {unit: m", "  level: {unit: m", 10, 3, "settings.level", "'level' is a channel too")]
    // Words of the vocabulary
    [InlineData("severity: critical", "severity: criticl", 19, 57, "rules.level_high.ladder[1].severity", "'criticl' is not one of low, medium, high, critical; did you mean 'critical'?")]
    [InlineData("    kind: ticket\n    title: {en: Supply", "    kind: tickt\n    title: {en: Supply", 28, 11, "rules.lost.kind", "did you mean 'ticket'?")]
    [InlineData("consequence: road closed", "consequence: a mess", 22, 18, "rules.level_high.consequence", "'a mess' is not one of life, road closed, damage, comfort")]
    [InlineData("who: crew", "who: crew\n    unknown: ignore", 25, 14, "rules.level_high.unknown", "'ignore' is not one of keep, alarm, ticket")]
    [InlineData("who: crew", "who: crew\n    reset: on site", 25, 12, "rules.level_high.reset", "only a latched rule is reset")]
    // Ladders
    [InlineData("{above: high, severity: high}", "{above: high, severity: critical, kind: alarm}", 19, 9, "", "")]
    [InlineData("severity: critical}", "severity: low}", 19, 9, "rules.level_high.ladder[1]", "ranks below the rung before it")]
    [InlineData("{above: high, severity: high}", "{severity: high}", 18, 9, "rules.level_high.ladder[0]", "write one of above, at_least, below, at_most")]
    [InlineData("{above: high, severity: high}", "{above: high}", 18, 9, "rules.level_high.ladder[0]", "severity is missing")]
    [InlineData("{above: high, severity: high}\n      - {name: overflow, above: high + 0.6 m", "{above: 3 m, severity: high}\n      - {name: overflow, above: 200 cm", 19, 33, "rules.level_high.ladder[1].above", "'200 cm' is reached before the '3 m' of a rung before it; rungs stand from the least severe to the most")]
    [InlineData("{above: high, severity: high}\n      - {name: overflow, above: high + 0.6 m", "{at_most: 1, severity: high}\n      - {name: overflow, below: 2", 19, 33, "rules.level_high.ladder[1].below", "'2' is reached before the '1'")]
    [InlineData("{above: high, severity: high}\n      - {name: overflow, above: high + 0.6 m", "{above: 3 m, severity: high}\n      - {name: overflow, delay: {on: 10m}, above: 2 m", 19, 33, "", "")]
    [InlineData("{above: high, severity: high}\n      - {name: overflow, above: high + 0.6 m", "{above: 3 m, severity: high}\n      - {name: overflow, below: 1 m", 19, 33, "", "")]
    [InlineData("deadband: 0.2 m", "deadband: -0.2 m", 20, 15, "rules.level_high.deadband", "the deadband '-0.2 m' is below 0")]
    [InlineData("    when: not run\n", "", 34, 5, "rules.stopped", "when is missing")]
    [InlineData("    watch: level\n", "    watch: level\n    when: level > 2\n", 16, 12, "rules.level_high.watch", "not both")]
    // References
    [InlineData("suppresses: [stopped]", "suppresses: [stoped]", 31, 18, "rules.lost.suppresses", "there is no rule or step 'stoped' in this family; did you mean 'stopped'?")]
    [InlineData("suppresses: [stopped]", "suppresses: [overflow]", 31, 18, "rules.lost.suppresses", "nothing suppresses 'overflow'")]
    [InlineData("suppresses: [stopped]", "suppresses: [lost]", 31, 18, "rules.lost.suppresses", "a rule does not name itself")]
    [InlineData("each: pump", "each: pumps", 34, 11, "rules.stopped.each", "no channel has instances '{pumps}'; did you mean 'pump'?")]
    [InlineData("name: overflow", "name: lost", 19, 16, "rules.level_high.ladder", "'lost' names another rule or step too")]
    [InlineData("  stopped:\n", "  unknown:\n", 33, 3, "rules.unknown", "'unknown' is the service's own rule")]
    [InlineData("when: not run", "when: built_in", 37, 11, "rules.stopped.when", "only the service's own families")]
    // Conditions, to the character
    [InlineData("when: supply == lost || filling", "when: supply == lots || filling", 30, 21, "rules.lost.when", "unknown state 'lots'")]
    [InlineData("when: supply == lost || filling", "when: \"supply == lost || fillin\"", 30, 30, "rules.lost.when", "'fillin'")]
    [InlineData("when: supply == lost || filling", "when: >\n      supply == lost\n      || levl > 2 || filling", 32, 10, "rules.lost.when", "'levl'; did you mean 'level'?")]
    [InlineData("filling: level > high", "filling: level > 2 kPa", 12, 20, "words.filling", "kPa")]
    [InlineData("above: high + 0.6 m", "above: high + 0.6 kPa", 19, 40, "rules.level_high.ladder[1].above", "kPa")]
    [InlineData("watch: level", "watch: levl", 16, 12, "rules.level_high.watch", "did you mean 'level'?")]
    [InlineData("deadband: 0.2 m", "deadband: 0.2 mtr", 20, 19, "rules.level_high.deadband", "unknown unit 'mtr'")]
    [InlineData("deadband: 0.2 m", "deadband: {levl: 0.2 m}", 20, 22, "rules.level_high.deadband.levl", "unknown channel 'levl'")]
    [InlineData("when: supply == lost || filling", "when: supply == lost", 12, 12, "words.filling", "no rule uses this word")]
    [InlineData("who: crew", "who: crew\n    say: \"{lvel} m\"", 25, 12, "rules.level_high.say", "'lvel'")]
    [InlineData("when: not run", "when: run > 2", 37, 11, "rules.stopped.when", "'run' is no number")]
    // Places and hours
    [InlineData("suppresses: [stopped]", "gathers: [stopped]", 31, 15, "rules.lost.gathers", "only a rule of a place gathers")]
    [InlineData("when: supply == lost || filling\n    suppresses: [stopped]", "when: count_in(street, lost) >= 3 && filling\n    gathers: [stopped]", 31, 15, "rules.lost.gathers", "only a rule of a place gathers")]
    [InlineData("when: not run", "when: not run\n  street_lost:\n    kind: ticket\n    title: {en: X, zh: 某}\n    when: count_in(street, lost) >= 3\n    gathers: [overflow]\n    source: x", 42, 15, "rules.street_lost.gathers", "'overflow' stands beneath nothing: people depend on it")]
    [InlineData("when: not run", "when: not run\n  wide_lost:\n    kind: ticket\n    title: {en: X, zh: 某}\n    when: count_in(street, lost) >= 3 || count_in(city, lost) >= 9\n    source: x", 41, 11, "rules.wide_lost.when", "counts by street and by city, and asks nothing of a device: the alarm is one place's; write a rule for each")]
    [InlineData("when: not run", "when: not run && alarm(street_lost)\n    source: x\n  street_lost:\n    kind: ticket\n    title: {en: X, zh: 某}\n    when: count_in(street, lost) >= 3", 34, 5, "rules.stopped", "asks for the alarm of 'street_lost', which is raised for places")]
    [InlineData("when: not run", "when: not run && closed_hours", 37, 22, "rules.stopped.when", "closed_hours needs the setting open_hours")]
    [InlineData("settings:\n", "settings:\n  open_hours: {hours: true, default: 6-22, title: {en: Hours, zh: 时间}}\n", 10, 38, "settings.open_hours.default", "'6-22' is no opening hours; write 06:00-22:00")]
    [InlineData("settings:\n", "settings:\n  open_hours: {hours: true, unit: h, title: {en: Hours, zh: 时间}}\n", 10, 15, "settings.open_hours", "write one of unit: m, bool: true, states: [carriageway, verge] or hours: true")]
    // YAML
    [InlineData("heartbeat: 60s", "heartbeat: &a 60s", 3, 12, "heartbeat", "anchors and aliases are not read")]
    [InlineData("title: {en: Pump, zh: 泵}", "title: {en: Pump, zh: 泵", 2, 21, "", "not YAML")]
    [InlineData("title: {en: Pump, zh: 泵}", "title: {en: Pump, zh: 泵（大），说明", 2, 21, "", "not YAML from here on")]
    [InlineData("    who: crew\n", "    who：crew\n", 24, 8, "", "not YAML: '：' is a full-width letter; write ': ' (a colon and a blank)")]
    [InlineData("    who: crew\n", "    who：crew   # who: 谁，crew\n\n", 24, 8, "", "not YAML: '：' is")]
    [InlineData("{on: 30s, off: 2m}", "{on: 30s，off: 2m}", 21, 20, "", "not YAML: '，' is a full-width letter; write ', ' (a comma and a blank)")]
    [InlineData("title: {en: Pump, zh: 泵}", "title: “Pump: a”", 2, 8, "", "not YAML: '“' is a full-width letter; write '\"'")]
    [InlineData("    who: crew\n", "\twho: crew\n", 24, 1, "", "not YAML: a tab in the indentation; write spaces")]
    [InlineData("who: crew", "who: crew（A），B：C", 24, 10, "", "")]
    public void A_mistake_is_reported_where_it_stands(string right, string wrong, int line, int column, string key, string message)
    {
        var text = Right.ReplaceLineEndings("\n");
        Assert.Contains(right, text, StringComparison.Ordinal);
        var at = text.IndexOf(right, StringComparison.Ordinal);

        var errors = FamilyReader.Read("pump.yaml", text[..at] + wrong + text[(at + right.Length)..]).Errors;

        if (message.Length == 0)
        {
            Assert.Empty(errors);
            return;
        }
        Assert.True(
            errors.Any(error => error.File == "pump.yaml" && error.Line == line && error.Column == column && error.Key == key && error.Message.Contains(message, StringComparison.Ordinal)),
            $"expected {line}:{column}: {key}: …{message}…, found\n{string.Join('\n', errors)}");
    }

    [Theory]
    [InlineData("", 1, 1, "empty")]
    [InlineData("# only a comment\n", 1, 1, "empty")]
    [InlineData("just a text", 1, 1, "expected family: NAME")]
    [InlineData("family: a\n---\nfamily: b\n", 2, 1, "a second document")]
    [InlineData("a: [b", 2, 1, "not YAML")]
    [InlineData("? [a]\n: b\n", 1, 3, "a key must be a text")]
    public void A_text_that_is_no_family_file_says_so(string text, int line, int column, string message) =>
        Assert.Contains(FamilyReader.Read("x.yaml", text).Errors, error => error.Line == line && error.Column == column && error.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void All_mistakes_of_all_files_come_at_once()
    {
        var (families, errors) = FamilySet.Load([("a.yaml", Right.Replace("60s", "soon", StringComparison.Ordinal)), ("b.yaml", Right.Replace("shipped default", "", StringComparison.Ordinal).Replace("10m", "late", StringComparison.Ordinal))]);

        Assert.Null(families);
        Assert.Equal(["a.yaml:3", "b.yaml:4", "b.yaml:23"], errors.Select(error => $"{error.File}:{error.Line}"));
    }

    [Fact]
    public void Two_files_of_one_family_are_refused()
    {
        var (families, errors) = FamilySet.Load([("a.yaml", Right), ("b.yaml", Right)]);

        Assert.Null(families);
        Assert.Contains("'pump' stands in a.yaml too", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_a_place_has_a_name_of_its_own_among_all_families()
    {
        var other = Right.Replace("family: pump", "family: valve", StringComparison.Ordinal).Replace("when: supply == lost || filling", "when: count_in(street, filling) >= 3", StringComparison.Ordinal);
        var (families, errors) = FamilySet.Load([("a.yaml", Right), ("b.yaml", other)]);

        Assert.Null(families);
        Assert.Equal("b.yaml:27: the rule of a place has a name of its own among all families; pump has a rule 'lost' too", Assert.Single(errors) is var error ? $"{error.File}:{error.Line}: {error.Message}" : "");
    }
}
