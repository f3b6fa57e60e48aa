using CsCheck;
using Telemetry.Ingest.OperatorPage.RulesInForce;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>What the second person reads before approving.</summary>
public sealed class LineDiffTests
{
    // Few different lines, so that many are alike.
    private static readonly Gen<string> Text = Gen.Int[0, 3].Array[1, 12].Select(lines => string.Join('\n', lines));

    [Fact]
    public void A_changed_a_new_and_a_removed_line_stand_at_their_numbers()
    {
        Assert.Equal(
            [new ChangedLine('-', 2, "b"), new ChangedLine('+', 2, "B"), new ChangedLine('+', 4, "x"), new ChangedLine('-', 5, "e")],
            LineDiff.Of("a\nb\nc\nd\ne\n", "a\nB\nc\nx\nd\n"));
        Assert.Empty(LineDiff.Of("a\r\nb", "a\nb\n"));
    }

    [Fact]
    public void What_went_taken_out_and_what_came_put_in_gives_the_new_text() => Gen.Select(Text, Text).Repeatably().Sample((before, after) =>
    {
        var lines = before.Split('\n').ToList();
        var changed = LineDiff.Of(before, after);
        foreach (var line in changed.Where(line => line.Sign == '-').Reverse())
        {
            Assert.Equal(line.Text, lines[line.Number - 1]);
            lines.RemoveAt(line.Number - 1);
        }
        foreach (var line in changed.Where(line => line.Sign == '+'))
            lines.Insert(line.Number - 1, line.Text);
        Assert.Equal(after, string.Join('\n', lines));
        Assert.True(before == after || changed.Count > 0);
    });
}
