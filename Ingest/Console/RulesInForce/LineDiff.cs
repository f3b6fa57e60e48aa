namespace Telemetry.Ingest.OperatorPage.RulesInForce;

/// <param name="Sign"><c>-</c> was there, <c>+</c> is there now.</param>
/// <param name="Number">Of the line in its own text, from 1.</param>
public readonly record struct ChangedLine(char Sign, int Number, string Text);

/// <summary>What a person who approves a change has to read: the lines that went and those that came.</summary>
public static class LineDiff
{
    /// <summary>By a longest common subsequence of lines: quadratic in what lies between the first and the last change, which in a family file is some hundred lines.</summary>
    public static IReadOnlyList<ChangedLine> Of(string before, string after)
    {
        var (was, now) = (Lines(before), Lines(after));
        var head = 0;
        while (head < was.Length && head < now.Length && was[head] == now[head])
            head++;
        var tail = 0;
        while (tail < was.Length - head && tail < now.Length - head && was[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        var (rows, columns) = (was.Length - head - tail, now.Length - head - tail);
        var longest = new int[rows + 1, columns + 1];
        for (var row = rows - 1; row >= 0; row--)
        {
            for (var column = columns - 1; column >= 0; column--)
                longest[row, column] = was[head + row] == now[head + column] ? longest[row + 1, column + 1] + 1 : Math.Max(longest[row + 1, column], longest[row, column + 1]);
        }
        var changed = new List<ChangedLine>();
        for (var (row, column) = (0, 0); row < rows || column < columns;)
        {
            if (row < rows && column < columns && was[head + row] == now[head + column])
                (row, column) = (row + 1, column + 1);
            else if (row < rows && (column == columns || longest[row + 1, column] >= longest[row, column + 1]))
                changed.Add(new ChangedLine('-', head + row + 1, was[head + row++]));
            else
                changed.Add(new ChangedLine('+', head + column + 1, now[head + column++]));
        }
        return changed;
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
