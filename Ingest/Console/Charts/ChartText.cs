using Telemetry.Ingest.OperatorPage.Alarms;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>A horizontal line: from there on a channel alone raises an alarm of this severity.</summary>
public sealed record ChartLimit(double Value, string Text, Severity Severity);

/// <summary>A vertical line: something that happened.</summary>
/// <param name="Time">Unix ms.</param>
public sealed record ChartMark(long Time, string Text, Severity Severity);

/// <summary>Values and channels as people read them.</summary>
internal static class ChartText
{
    public static string Title(this PageSettings settings, ChannelTrace trace) => settings.ChannelTitle(trace.Definition, trace.Channel);

    /// <summary>The channel's title, with its instance.</summary>
    public static string ChannelTitle(this PageSettings settings, Channel definition, string channel) =>
        settings.Say(definition.Title, definition.Name) + (channel.Length > definition.Name.Length ? " " + channel[(definition.Name.Length + 1)..] : "");

    public static string Value(this PageSettings settings, ChannelTrace trace, ChartPoint point)
    {
        if (point.Value is not { } value)
            return "–";
        if (trace.Levels is { } levels)
            return trace.Definition.Type == ChannelType.Boolean ? settings.YesNo(value != 0) : Word(levels[(int)value]);
        return AlarmWords.Number(value) + AlarmWords.Unit(trace.Definition.Unit);
    }

    public static string Value(this PageSettings settings, ValueKind kind, double number, string? state, string? unit) => kind switch
    {
        ValueKind.State => Word(state!),
        ValueKind.Boolean => settings.YesNo(number != 0),
        _ => double.IsFinite(number) ? AlarmWords.Number(number) + AlarmWords.Unit(unit) : "–",
    };

    public static string Quality(this PageSettings settings, Quality quality) => quality switch
    {
        Rules.Model.Quality.Good => settings.Say("good", "良好"),
        Rules.Model.Quality.Uncertain => settings.Say("uncertain", "可疑"),
        Rules.Model.Quality.Bad => settings.Say("bad", "无效"),
        _ => settings.Say("stale", "陈旧"),
    };

    public static string Word(string name) => name.Replace('_', ' ');

    private static string YesNo(this PageSettings settings, bool value) => value ? settings.Say("yes", "是") : settings.Say("no", "否");
}
