namespace Telemetry.Rules.Families.Yaml;

/// <summary>Where in the file a character of a scalar's value stands: quotes, escapes and folded lines lie between the two.</summary>
internal static class TextPosition
{
    /// <param name="offset">In the scalar's value, from 0; its length for the end.</param>
    /// <returns>Line and column from 1; the scalar's start where the two cannot be matched.</returns>
    public static (int Line, int Column) Of(string[] lines, YamlText scalar, int offset)
    {
        var (line, column) = (scalar.Line - 1, scalar.Column - 1);
        if (line >= lines.Length)
            return (scalar.Line, scalar.Column);
        if (!scalar.IsPlain && column < lines[line].Length)
        {
            if (lines[line][column] is '>' or '|')
                (line, column) = (line + 1, 0);
            else
                column++;
        }
        for (var at = 0; at <= offset; at++)
        {
            var wanted = at < scalar.Value.Length ? scalar.Value[at] : '\0';
            if (!Advance(lines, ref line, ref column, wanted))
                return (scalar.Line, scalar.Column);
            if (at < offset)
                column++;
        }
        return (line + 1, column + 1);
    }

    /// <summary>Moves to the next place where the value's character stands: over a line break and its indentation, an escape's backslash, a doubled quote.</summary>
    private static bool Advance(string[] lines, ref int line, ref int column, char wanted)
    {
        if (wanted == '\0')
            return true;
        while (line < lines.Length)
        {
            if (column >= lines[line].Length || lines[line].AsSpan(column).IsWhiteSpace())
            {
                // The fold itself is one blank of the value.
                if (wanted is ' ' or '\n')
                {
                    column = Math.Min(column, lines[line].Length);
                    return true;
                }
                (line, column) = (line + 1, 0);
                continue;
            }
            var found = lines[line][column];
            if (found == wanted)
                return true;
            if (found is not (' ' or '\t' or '\\' or '\'' or '"'))
                return false;
            column++;
        }
        return false;
    }
}
