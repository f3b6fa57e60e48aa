namespace Telemetry.Rules.Conditions;

/// <summary>What someone who mistyped a name may have meant.</summary>
public static class NearestName
{
    /// <summary>The name that differs least, by at most a third of its letters (a swap of two counts once, capitals do not count); null for none.</summary>
    public static string? Of(string name, IEnumerable<string> names)
    {
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var candidate in names)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
                return candidate;
            var allowed = Math.Max(candidate.Length > 1 ? 1 : 0, candidate.Length / 3);
            if (Math.Abs(candidate.Length - name.Length) > allowed)
                continue;
            var distance = Distance(name, candidate);
            if (distance <= allowed && distance < least)
                (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary><c>; did you mean 'x'?</c>, or nothing.</summary>
    public static string Hint(string name, IEnumerable<string> names) => Of(name, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    private static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }
}
