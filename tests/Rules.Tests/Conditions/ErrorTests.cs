using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class ErrorTests
{
    [Theory]
    [InlineData("sump_levl > 2 m", 1, "unknown channel 'sump_levl'; did you mean 'sump_level'?")]
    [InlineData("sump_level > hihg_level", 14, "unknown setting 'hihg_level'; did you mean 'high_level'?")]
    [InlineData("high_float && wett", 15, "unknown word 'wett'; did you mean 'wet'?")]
    [InlineData("zzz", 1, "unknown name 'zzz': it is no channel, setting or word of this family")]
    [InlineData("sump_level > 2 A", 14, "'2 A' is in A and 'sump_level' in m: give both in units of one kind")]
    [InlineData("sump_level + 2 A > 1 m", 14, "'2 A' is in A and 'sump_level' in m: give both in units of one kind")]
    [InlineData("max(sump_level, 2 A) > 1 m", 17, "'2 A' is in A and 'sump_level' in m: give both in units of one kind")]
    [InlineData("sump_level > 2 mtr", 16, "unknown unit 'mtr'")]
    [InlineData("methane_lel > 10 %LFL", 18, "unknown unit '%LFL'; did you mean '%LEL'?")]
    [InlineData("2 of sump_level > 1 m", 1, "a percentage stands before 'of', such as 20 % of rated_flow")]
    [InlineData("power_supply == lots", 17, "unknown state 'lots', known are mains, backup, lost; did you mean 'lost'?")]
    [InlineData("power_supply == 2", 17, "'2' is a number and 'power_supply' a state (mains, backup, lost): they never compare")]
    [InlineData("power_supply > lost", 1, "'power_supply' is no number and has no order; compare it by == or !=")]
    [InlineData("power_supply == road_class", 17, "'road_class' (carriageway, verge) and 'power_supply' (mains, backup, lost) share no state")]
    [InlineData("power_supply", 1, "'power_supply' is a state, not a condition; write power_supply == mains (its states: mains, backup, lost)")]
    [InlineData("power_supply + 1 > 2", 1, "'power_supply' is a state, not a number; it compares by == and != with mains, backup, lost")]
    [InlineData("sump_level", 1, "'sump_level' is a number, not a condition; compare it with another")]
    [InlineData("high_float + 1 > 2", 1, "'high_float' is true or false, not a number")]
    [InlineData("pump_run", 1, "there is one 'pump_run' per pump; write any(pump_run), all(…), count(…) or sum(…), or give the rule 'each: pump'")]
    [InlineData("any(pump_run && fan_state == fault)", 17, "there is one 'fan_state' per fan, but this runs over each pump")]
    [InlineData("any(high_float)", 5, "'high_float' has no channel with instances for any(…) to run over")]
    [InlineData("any(pump_run, high_float)", 1, "any takes other arguments: any(pump_run)")]
    [InlineData("abs() > 1", 1, "abs takes other arguments: abs(air_velocity)")]
    [InlineData("high_float(1)", 1, "'high_float' is no function; write it without parentheses")]
    [InlineData("increse(sump_level, 3m) > 1 m", 1, "unknown function 'increse'; did you mean 'increase'?")]
    [InlineData("rate > 1", 1, "'rate' needs its arguments: rate(sump_level, 3m)")]
    [InlineData("rate(sump_level) > 1", 1, "rate takes other arguments: rate(sump_level, 3m)")]
    [InlineData("rate(sump_level, 3) > 1", 18, "'3' is no duration; write it as in rate(sump_level, 3m), in s, m (minutes), h or d")]
    [InlineData("rate(sump_level, 3 kg) > 1", 18, "'3 kg' is no duration; write it as in rate(sump_level, 3m), in s, m (minutes), h or d")]
    [InlineData("rate(high_float, 3m) > 1", 6, "'high_float' is true or false, not a number")]
    [InlineData("rate(sump_level, 3m) > 1 m", 24, "'1 m' is in m and 'rate(sump_level, 3m)' in m/s: give both in units of one kind")]
    [InlineData("alarm(leak_hihg)", 7, "'leak_hihg' is no rule of this family; did you mean 'leak_high'?")]
    [InlineData("count_in(strret, cover_open, 30m) >= 3", 10, "'strret' is no place; places are street, catchment, district, gateway, cell, parent, city, gauge")]
    [InlineData("work_order(1)", 12, "'1' is no text; write it as in work_order(\"entry\")")]
    [InlineData("\"entry\"", 1, "a text stands only within a function, such as work_order(\"entry\")")]
    [InlineData("unknown(sump_level + 1)", 9, "unknown(…) asks of one channel or setting: unknown(sump_level)")]
    [InlineData("gage.rainfall > 2 mm", 1, "unknown link 'gage'; did you mean 'gauge'?")]
    [InlineData("gauge.rainfal > 2 mm", 1, "unknown channel 'rainfal' of the linked gauge; did you mean 'rainfall'?")]
    [InlineData("pump_run.2", 10, "after 'pump_run.' the name of a linked device's channel is missing; for instances write any(pump_run), all(…), count(…) or a rule with each")]
    [InlineData("", 1, "empty; write a condition such as sump_level > 2.2 m")]
    [InlineData("   ", 4, "empty; write a condition such as sump_level > 2.2 m")]
    [InlineData("sump_level >", 13, "a channel, a setting or a number is missing before the end")]
    [InlineData("sump_level > && high_float", 14, "a channel, a setting or a number is missing before '&&'")]
    [InlineData("(high_float", 12, "')' is missing for the '(' at column 1")]
    [InlineData("any(pump_run", 13, "')' is missing for the '(' at column 4")]
    [InlineData("high_float)", 11, "')' closes nothing")]
    [InlineData("high_float call_point", 12, "unexpected 'call_point'; an operator such as && or > is missing before it")]
    [InlineData("1 m < sump_level < 3 m", 18, "comparisons do not chain; write 1 < x && x < 3")]
    [InlineData("sump_level = 2 m", 12, "'=' means nothing here; write ==")]
    [InlineData("high_float & call_point", 12, "'&' means nothing here; write &&")]
    [InlineData("sump_level ≥ 2 m", 12, "'≥' means nothing here; write >=")]
    [InlineData("sump_level # 2 m", 12, "'#' means nothing here")]
    [InlineData("work_order(\"entry)", 12, "the quote is not closed; write \"…\"")]
    public void A_mistake_says_where_it_is_and_what_would_be_right(string text, int column, string message)
    {
        var result = ConditionCompiler.Compile(text, Station.Scope);
        Assert.Null(result.Condition);
        Assert.Equal(new ConditionError(column, message, text), Assert.Single(result.Errors));
    }

    [Fact]
    public void Several_mistakes_come_at_once()
    {
        var errors = ConditionCompiler.Compile("sump_levl > 2 m && power_supply == lots && tilt_angle > 3 m", Station.Scope).Errors;
        Assert.Equal([1, 36, 57], errors.Select(error => error.Column));
    }

    [Theory]
    [InlineData("circle", 15, "the word 'circle' is explained by itself: circle -> round -> circle", "high_float || circle")]
    [InlineData("mistaken || mistaken", 14, "'2 A' is in A and 'sump_level' in m: give both in units of one kind", "sump_level > 2 A")]
    public void A_mistake_in_a_word_stands_in_the_words_text(string text, int column, string message, string at) =>
        Assert.Equal(new ConditionError(column, message, at), Assert.Single(ConditionCompiler.Compile(text, Station.Scope).Errors));

    [Theory]
    [InlineData("(", ")")]
    [InlineData("!(", ")")]
    [InlineData("abs(", ")")]
    [InlineData("-", "")]
    [InlineData("!", "")]
    [InlineData("1 + (", ")")]
    [InlineData("any(", ")")]
    public void Nesting_has_an_end(string open, string close)
    {
        var text = string.Concat(Enumerable.Repeat(open, 600)) + "1" + string.Concat(Enumerable.Repeat(close, 600));
        var error = Assert.Single(ConditionCompiler.Compile(text, Station.Scope).Errors);
        Assert.Equal("nested deeper than 64; name parts of it as words", error.Message);
    }

    [Fact]
    public void A_long_list_of_alternatives_is_not_deep() =>
        Assert.Equal(Truth.True, new Station().With("high_float", 1).Evaluate(string.Join(" || ", Enumerable.Repeat("high_float", 200))));

    [Fact]
    public void A_text_over_4096_characters_is_refused() =>
        Assert.Equal(4097, Assert.Single(ConditionCompiler.Compile(new string('(', 5000), Station.Scope).Errors).Column);

    [Fact]
    public void Words_that_multiply_are_refused_before_they_fill_the_memory()
    {
        var words = Enumerable.Range(1, 40).ToDictionary(n => $"w{n}", n => $"w{n - 1} || w{n - 1}");
        words["w0"] = "high_float";
        var errors = ConditionCompiler.Compile("w40", Station.Scope with { Words = words }).Errors;
        Assert.NotEmpty(errors);
        Assert.Contains("larger than 20000 parts", ConditionCompiler.Compile("w16", Station.Scope with { Words = words }).Errors[0].Message, StringComparison.Ordinal);
    }
}
