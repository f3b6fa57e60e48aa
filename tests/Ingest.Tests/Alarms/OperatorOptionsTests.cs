using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Alarms;

/// <summary>Who sits where, as the configuration says it.</summary>
public class OperatorOptionsTests
{
    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());

    [Fact]
    public void Without_any_there_is_one_position_that_hears_everything()
    {
        var position = Assert.Single(Read().Options.Positions);
        Assert.Equal(("city", true), (position.Name, position.Hears("Donghu")));
    }

    [Fact]
    public void Districts_stand_in_one_text_or_in_a_list()
    {
        var (options, errors) = Read(
            ("Operators:Positions:north", "Donghu, Xihu"), ("Operators:Positions:south:0", "Qingyunpu"), ("Operators:Positions:south:1", "_"), ("Operators:Positions:chief", "*"));
        Assert.Empty(errors);
        Assert.Equal(["chief *", "north Donghu,Xihu", "south Qingyunpu,_"], options.Positions.Select(position => $"{position.Name} {(position.Districts is null ? "*" : string.Join(',', position.Districts))}"));
    }

    [Fact]
    public void A_position_names_who_answers_while_nobody_mans_it()
    {
        var (options, errors) = Read(("Operators:Positions:north", "Donghu"), ("Operators:Positions:north:Fallback", "chief"), ("Operators:Positions:chief:0", "*"));
        Assert.Empty(errors);
        Assert.Equal(["chief ", "north chief"], options.Positions.Select(position => $"{position.Name} {position.Fallback}"));
    }

    [Theory]
    [InlineData("Operators:Positions:north:Fallback", "chef", "one of the other positions, chief; did you mean 'chief'?")]
    [InlineData("Operators:Positions:north:Fallback", "north", "one of the other positions, chief")]
    [InlineData("Operators:Positions:north:Fall", "chief", "unknown key; known here: Fallback")]
    public void A_fallback_is_another_position(string key, string value, string right)
    {
        var error = Assert.Single(Read(("Operators:Positions:north", "Donghu"), ("Operators:Positions:chief", "*"), (key, value)).Errors);
        Assert.StartsWith($"{key} = {value}: ", error, StringComparison.Ordinal);
        Assert.Contains(right, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Operators:Positions:north", " , ", "districts, separated by commas")]
    [InlineData("Operators:Positions:unassigned", "Donghu", "is not 'unassigned'")]
    [InlineData("Operators:Seats:north", "Donghu", "unknown key")]
    public void A_mistake_says_what_would_be_right(string key, string value, string right)
    {
        var error = Assert.Single(Read((key, value)).Errors);
        Assert.StartsWith($"{key} = {value}: ", error, StringComparison.Ordinal);
        Assert.Contains(right, error, StringComparison.Ordinal);
    }
}
