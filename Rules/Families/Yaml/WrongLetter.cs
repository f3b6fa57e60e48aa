namespace Telemetry.Rules.Families.Yaml;

/// <summary>What a Chinese keyboard or an editor's Tab writes in place of YAML's own signs. Asked only where a text is no YAML: in titles these letters are right.</summary>
internal static class WrongLetter
{
    private static readonly Dictionary<char, string> Right = new()
    {
        ['：'] = "': ' (a colon and a blank)",
        ['，'] = "', ' (a comma and a blank)",
        ['（'] = "'('",
        ['）'] = "')'",
        ['“'] = "'\"'",
        ['”'] = "'\"'",
    };

    /// <summary>Names the first one on the line where reading stopped or on that where the piece begins which was read then, else on the line with text before it.</summary>
    /// <param name="begin">Line, from 1.</param>
    /// <param name="stop">Likewise.</param>
    /// <returns>False where there is none.</returns>
    public static bool Report(string text, int begin, int stop, ErrorList errors)
    {
        var lines = text.Split('\n');
        var (first, last) = (Math.Clamp(begin, 1, lines.Length) - 1, Math.Clamp(stop, 1, lines.Length) - 1);
        var before = Math.Min(first, last) - 1;
        while (before >= 0 && string.IsNullOrWhiteSpace(lines[before]))
            before--;
        return Report(lines, last, errors) || Report(lines, first, errors) || (before >= 0 && Report(lines, before, errors));
    }

    private static bool Report(string[] lines, int at, ErrorList errors)
    {
        var line = lines[at];
        var indentation = line.Length - line.TrimStart().Length;
        var column = line.AsSpan(0, indentation).IndexOf('\t');
        if (column >= 0 && indentation < line.Length)
        {
            errors.Add(at + 1, column + 1, "", "not YAML: a tab in the indentation; write spaces");
            return true;
        }
        column = Find(line);
        if (column >= 0)
            errors.Add(at + 1, column + 1, "", $"not YAML: '{line[column]}' is a full-width letter; write {Right[line[column]]}");
        return column >= 0;
    }

    /// <summary>Outside quotes and comments, and beside something that is not Chinese: within a Chinese text it stands rightly. -1 for none.</summary>
    private static int Find(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (quote != '\0')
                quote = letter == quote ? '\0' : quote;
            else if (letter is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '[' or '{' or ','))
                quote = letter;
            else if (letter == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
                return -1;
            else if (Right.ContainsKey(letter) && (IsAscii(line.AsSpan(0, i).TrimEnd() is [.., var left] ? left : ' ') || IsAscii(line.AsSpan(i + 1).TrimStart() is [var right, ..] ? right : ' ')))
                return i;
        }
        return -1;
    }

    private static bool IsAscii(char letter) => letter is > ' ' and <= '~';
}
