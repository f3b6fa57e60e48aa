using System.Globalization;

namespace Telemetry.Simulators.Replay;

/// <summary>How an engineer's own columns become readings (docs/replay.md).</summary>
public sealed record CsvMapping
{
    /// <summary>Lines before the header, as loggers write them.</summary>
    public int Skip { get; init; }

    /// <summary>Between cells.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Within numbers.</summary>
    public char DecimalMark { get; init; } = '.';

    /// <summary>Cells that hold no value; an empty one never does.</summary>
    public IReadOnlyList<string> Missing { get; init; } = ["NaN", "NA", "null"];

    public string Gateway { get; init; } = ReplayTopic.Gateway;

    public required TimeColumn Time { get; init; }

    public required Named Family { get; init; }

    public required Named Device { get; init; }

    /// <summary>For files with a row for each value: the columns of the channel's name and of the value. Null where each channel has a column.</summary>
    public LongForm? Long { get; init; }

    /// <summary>By column, or by the channel's name in the file where that has rows for each value.</summary>
    public required IReadOnlyDictionary<string, ChannelColumn> Columns { get; init; }
}

/// <summary>A constant, or what a column says, which may be translated.</summary>
public sealed record Named(string? Constant, string? Column, IReadOnlyDictionary<string, string> Is);

public sealed record LongForm(string Name, string Value);

/// <param name="Family">Null for the file's.</param>
/// <param name="Device">Null for the file's.</param>
/// <param name="Channel">With its instance: <c>pump_run.2</c>.</param>
/// <param name="Times">Applied first; the unit of the result is the channel's.</param>
/// <param name="Is">What cells mean, as JSON; null for numbers.</param>
public sealed record ChannelColumn(string? Family, string? Device, string Channel, double Times, double Plus, IReadOnlyDictionary<string, string>? Is);

/// <summary>The column of time and how it is written.</summary>
/// <param name="Format"><c>rfc3339</c>, <c>unix</c>, <c>unix_ms</c>, or a pattern such as <c>dd-MM-yyyy HH:mm</c>.</param>
/// <param name="Zone">Of times that say none.</param>
public sealed record TimeColumn(string Column, string Format, TimeZoneInfo? Zone)
{
    /// <returns>Unix ms; null with a problem.</returns>
    public long? Parse(string text, out string? problem)
    {
        problem = null;
        switch (Format)
        {
            case "unix" or "unix_ms" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e15:
                return (long)Math.Round(number * (Format == "unix" ? 1000 : 1));
            case "rfc3339" when RecordedTime.Parse(text) is { } time && text.Contains(':', StringComparison.Ordinal):
                return time;
            case not ("unix" or "unix_ms" or "rfc3339") when DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local):
                return InZone(local, out problem);
        }
        problem = $"column {Column}: '{text}' is no time; {Expected} would be right";
        return null;
    }

    private string Expected => Format switch { "unix" => "Unix seconds", "unix_ms" => "Unix ms", "rfc3339" => "RFC 3339 with a zone", _ => Format };

    private long? InZone(DateTime local, out string? problem)
    {
        problem = null;
        if (local.Kind == DateTimeKind.Local)
            return new DateTimeOffset(local).ToUnixTimeMilliseconds();
        if (local.Kind == DateTimeKind.Utc || Zone is null)
            return new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc)).ToUnixTimeMilliseconds();
        if (Zone.IsInvalidTime(local))
        {
            problem = $"column {Column}: {local:yyyy-MM-dd HH:mm} does not exist in {Zone.Id}: the clock was put forward over it";
            return null;
        }
        return new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUnixTimeMilliseconds();
    }
}
