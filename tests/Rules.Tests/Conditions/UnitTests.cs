using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class UnitTests
{
    [Theory]
    [InlineData(240, "cm", "m", 2.4)]
    [InlineData(0.07, "m", "mm", 70)]
    [InlineData(90, "s", "min", 1.5)]
    [InlineData(2, "d", "h", 48)]
    [InlineData(0.05, "m/min", "m/h", 3)]
    [InlineData(36, "km/h", "m/s", 10)]
    [InlineData(3600, "m3/h", "m3/s", 1)]
    [InlineData(0.05, "%", "[ppm]", 500)]
    [InlineData(7, "ppm", "[ppm]", 7)]
    [InlineData(10, "%LEL", "%{LEL}", 10)]
    [InlineData(8, "mbar", "kPa", 0.8)]
    public void Units_of_one_kind_convert(double value, string from, string to, double expected) => Assert.Equal(expected, Units.Convert(value, from, to));

    [Theory]
    [InlineData("m", "A")]
    [InlineData("%LEL", "%")]
    [InlineData("m", "s")]
    [InlineData("m3", "m2")]
    [InlineData("m", "furlong")]
    public void Units_of_two_kinds_do_not(string from, string to)
    {
        Assert.Null(Units.Convert(1, from, to));
        Assert.False(Units.Fit(from, to));
    }

    [Theory]
    [InlineData("m Cel cm mm % [ppm] ppm %{LEL} %LEL mg/m3 kPa MPa A mm/s m/s m/min lx cd/m2 dBm d h min s deg m3 m3/h m-1 mm/h /h 1 V km/h mg/L NTU")]
    public void The_units_of_the_shipped_families_are_known(string units) => Assert.All(units.Split(' '), unit => Assert.True(Units.IsKnown(unit), unit));

    [Theory]
    [InlineData("0.2 m", 0.2, "m")]
    [InlineData("20 %", 20, "%")]
    [InlineData("60s", 60, "s")]
    [InlineData("2.5 m3/h", 2.5, "m3/h")]
    [InlineData("-70 dBm", -70, "dBm")]
    [InlineData("10 %{LEL}", 10, "%{LEL}")]
    [InlineData("7 [ppm]", 7, "[ppm]")]
    [InlineData("0.007 m-1", 0.007, "m-1")]
    [InlineData("6 /h", 6, "/h")]
    [InlineData("5", 5, null)]
    public void Quantities_read(string text, double value, string? unit)
    {
        Assert.True(Quantity.TryParse(text, out var quantity, out _));
        Assert.Equal(new Quantity(value, unit), quantity);
    }

    [Theory]
    [InlineData("", "'' is not a quantity; write a number and its unit, such as 0.2 m")]
    [InlineData("-", "'-' is not a quantity; write a number and its unit, such as 0.2 m")]
    [InlineData("m", "'m' is not a quantity; write a number and its unit, such as 0.2 m")]
    [InlineData("2 m 3", "'2 m 3' is not a quantity; write a number and its unit, such as 0.2 m")]
    [InlineData("2 metre", "unknown unit 'metre'")]
    [InlineData("2 KPa", "unknown unit 'KPa'; did you mean 'kPa'?")]
    public void What_is_no_quantity_says_why(string text, string expected)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("500ms", 500L)]
    [InlineData("60s", 60_000L)]
    [InlineData("10m", 600_000L)]
    [InlineData("10 min", 600_000L)]
    [InlineData("12h", 43_200_000L)]
    [InlineData("7d", 604_800_000L)]
    [InlineData("0s", 0L)]
    [InlineData("10", null)]
    [InlineData("-5s", null)]
    [InlineData("5 kg", null)]
    public void Durations_take_m_as_minutes(string text, long? expected) => Assert.Equal(expected, Quantity.Duration(text));

    [Theory]
    [InlineData("sump_level > 240 cm", 2.41, Truth.True)]
    [InlineData("sump_level > 240 cm", 2.4, Truth.False)]
    [InlineData("240 cm < sump_level", 2.41, Truth.True)]
    [InlineData("sump_level > 2.4", 2.41, Truth.True)]
    [InlineData("sump_level > 80 % of well_depth", 3.21, Truth.True)]
    [InlineData("sump_level >= 80 % of well_depth", 3.2, Truth.True)]
    [InlineData("sump_level > min(80 % of well_depth, 250 cm)", 2.6, Truth.True)]
    [InlineData("sump_level > start_1 + 0.2", 1.41, Truth.True)]
    [InlineData("sump_level > start_1 + 20 cm", 1.39, Truth.False)]
    [InlineData("sump_level * 2 m > 5 m2", 2.6, Truth.True)]
    [InlineData("sump_level / 2 m >= 50 %", 1, Truth.True)]
    [InlineData("sump_level / 2 m-1 > 1 m2", 2.1, Truth.True)]
    [InlineData("2 m - 1 > sump_level", 0.9, Truth.True)]
    public void Both_sides_meet_in_one_unit(string text, double level, Truth expected)
    {
        var station = new Station().With("sump_level", level).WithSetting("well_depth", 400).WithSetting("start_1", 1.2);
        Assert.Equal(expected, station.Evaluate(text));
    }

    [Theory]
    [InlineData("20 % of 290 cm", null, 58, "cm")]
    [InlineData("240 cm", "m", 2.4, "m")]
    [InlineData("2.4", "m", 2.4, "m")]
    [InlineData("3 m / 2 m/min", null, 1.5, "min")]
    [InlineData("3 m * 2 m", null, 6, "m2")]
    [InlineData("2 * 3", null, 6, null)]
    public void A_number_comes_in_the_unit_asked_for_or_in_its_own(string text, string? unit, double expected, string? expectedUnit)
    {
        var result = ConditionCompiler.CompileNumber(text, Station.Scope, unit);
        Assert.Empty(result.Errors);
        Assert.Equal(expected, result.Number!(new Station()).Value, 12);
        Assert.Equal(expectedUnit, result.Unit);
    }

    [Fact]
    public void A_number_in_another_kind_of_unit_is_refused()
    {
        var error = Assert.Single(ConditionCompiler.CompileNumber("20 % of rated_flow", Station.Scope, "m").Errors);
        Assert.Equal("'20 % of rated_flow' is in m3/h, m is needed", error.Message);
    }
}
