using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Rules.Tests.Positions;

/// <summary>Whose an alarm is, and who answers for it.</summary>
public class PositionPlanTests
{
    private static readonly PositionPlan City = new(
    [
        new("chief", null), new("gas", ["Xihu"], "north"), new("north", ["Donghu", "Xihu"], "south"), new("south", ["Qingyunpu", "_"], "gas"),
    ]);

    [Theory]
    [InlineData("Xihu", "gas")]
    [InlineData("Donghu", "north")]
    [InlineData(null, "south")]
    [InlineData("Elsewhere", "chief")]
    public void An_alarm_belongs_to_one_position_and_who_names_the_district_comes_first(string? district, string owner) => Assert.Equal(owner, City.OwnerOf(district));

    [Fact]
    public void What_no_position_hears_is_unassigned() =>
        Assert.Equal(LoadPosition.Unassigned, new PositionPlan([new("north", ["Donghu"])]).OwnerOf("Xihu"));

    [Theory]
    [InlineData("", "gas", "gas")]
    [InlineData("gas", "gas", "gas")]
    [InlineData("north", "gas", "north")]
    [InlineData("south", "gas", "south")]
    [InlineData("chief south", "gas", "south")]
    [InlineData("chief", "gas", "chief")]
    [InlineData("chief gas", "chief", "chief")]
    [InlineData("gas south", "chief", "gas")]
    [InlineData("none", "gas", null)]
    public void Who_answers_while_these_are_manned(string manned, string position, string? answers)
    {
        var book = PositionBook.Empty;
        foreach (var name in manned.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            book = book.With(new PositionEntry(PositionAction.SignOn, name, "Wang")).After!;
        if (manned == "none")
            book = book.With(new PositionEntry(PositionAction.SignOn, "gas", "Wang")).After!.With(new PositionEntry(PositionAction.SignOff, "gas", "Wang")).After!;
        Assert.Equal(answers, City.AnswersFor(position, book));
    }
}
