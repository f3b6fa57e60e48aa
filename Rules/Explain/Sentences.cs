using System.Globalization;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Explain;

/// <summary>The answer in one or two sentences, in English and in Chinese. Times in UTC.</summary>
internal static class Sentences
{
    private const int MostFigures = 3;

    public static Title Of(long moment, Rule rule, Explained answer, Standing? standing)
    {
        var (at, title) = (Time(moment), rule.Title);
        var (en, zh) = Beginning(rule, answer, standing, title);
        var later = answer.Answer == Reason.DataLate && answer.ReadingsLater.Count > 0 ? answer.ReadingsLater[^1] : null;
        if (later is not null)
        {
            en += $" The reading of {Time(later.Time)} came at {Time(later.ReceivedTime)}.";
            zh += $"{Time(later.Time)} 的数据于 {Time(later.ReceivedTime)} 才收到。";
        }
        foreach (var channel in answer.Channels.Where(channel => channel.Jump is not null))
        {
            var (value, time) = (Shown(channel.Jump!.Value, channel.Unit), Time(channel.Jump.Time));
            en += $" {channel.Channel} had jumped to {value} at {time}, farther than it can in that time: that waits for a second value.";
            zh += $"{channel.Channel} 于 {time} 跳变为 {value}，超出其可能的变化速率，等待下一个数据确认。";
        }
        return new Title($"{at}: {en}", $"{at}：{zh}");
    }

    private static (string En, string Zh) Beginning(Rule rule, Explained answer, Standing? standing, Title title) => answer.Answer switch
    {
        Reason.AlarmStood when standing is { WasKnown: false } => (
            $"“{title.En}” stood since {Time(standing.Alarm.RaisedAt)} by event time, but was made known at {Time(standing.Transitions[0].ReceivedAt)} only.",
            $"“{title.Zh}”按事件时间自 {Time(standing.Alarm.RaisedAt)} 起成立，但到 {Time(standing.Transitions[0].ReceivedAt)} 才发出。"),
        Reason.AlarmStood when rule.Name != standing!.Alarm.Rule => (
            $"“{title.En}” has no alarm of its own: it lifted “{standing.Alarm.Rule}”, which {Stood(standing, zh: false)}.",
            $"“{title.Zh}”没有单独的报警：它提升了“{standing.Alarm.Rule}”，该报警{Stood(standing, zh: true)}。"),
        Reason.AlarmStood => ($"“{title.En}” {Stood(standing!, zh: false)}{Figures(answer, "true", zh: false)}.", $"“{title.Zh}”{Stood(standing!, zh: true)}{Figures(answer, "true", zh: true)}。"),
        Reason.Suppressed when standing!.Alarm.Overlay is { } over => ($"“{title.En}” stood, but {over.By} had suppressed it since {Time(over.Since)}: {over.Reason}.", $"“{title.Zh}”成立，但自 {Time(over.Since)} 起被 {over.By} 抑制：{over.Reason}。"),
        Reason.Suppressed => ($"“{title.En}” stood beneath its cause, the alarm {standing!.Alarm.SuppressedBy}: it made no sound of its own.", $"“{title.Zh}”成立，但由其原因报警 {standing.Alarm.SuppressedBy} 抑制，未单独报警。"),
        Reason.Shelved => ($"“{title.En}” stood, but {standing!.Alarm.Overlay?.By} had shelved it{Until(standing, zh: false)}: {standing.Alarm.Overlay?.Reason}.", $"“{title.Zh}”成立，但被 {standing.Alarm.Overlay?.By} 搁置{Until(standing, zh: true)}：{standing.Alarm.Overlay?.Reason}。"),
        Reason.OutOfService => ($"“{title.En}” stood, but {standing!.Alarm.Overlay?.By} had taken it out of service: {standing.Alarm.Overlay?.Reason}.", $"“{title.Zh}”成立，但已被 {standing.Alarm.Overlay?.By} 停用：{standing.Alarm.Overlay?.Reason}。"),
        Reason.TestOrDrill => ($"“{title.En}” stood, but the device was in {standing!.Alarm.Mode}: nobody is called then.", $"“{title.Zh}”成立，但设备处于{(standing.Alarm.Mode == "drill" ? "演练" : "测试")}状态，不通知任何人。"),
        Reason.DelayRunning when rule.Trigger == RuleTrigger.Silence => (
            $"nothing had been heard since before {Time(answer.Conditions[0].DueAt!.Value)}, the earliest moment of “{title.En}”, but the clock of silence runs only while the service and the gateway are connected.",
            $"“{title.Zh}”最早应在 {Time(answer.Conditions[0].DueAt!.Value)} 发出，但只有服务与网关都在线时才累计静默时间。"),
        Reason.DelayRunning when answer.Conditions.Where(step => step.Truth == "true").MinBy(step => step.DueAt ?? long.MaxValue) is { DueAt: { } due } step => (
            $"the condition of “{title.En}” held since {Time(step.Since ?? due - step.OnDelay)}, but its delay runs until {Time(due)}{Figures(answer, "true", zh: false)}.",
            $"“{title.Zh}”的条件自 {Time(step.Since ?? due - step.OnDelay)} 起成立，延时至 {Time(due)} 才到{Figures(answer, "true", zh: true)}。"),
        Reason.DelayRunning => ($"the condition of “{title.En}” held, and waits for its rule's first step.", $"“{title.Zh}”的条件成立，等待规则的第一级。"),
        Reason.ConditionFalse => ($"the condition of “{title.En}” was false{Figures(answer, "false", zh: false)}.", $"“{title.Zh}”的条件不成立{Figures(answer, "false", zh: true)}。"),
        Reason.ConditionUnknown => ($"the condition of “{title.En}” was unknown: {Lost(answer, zh: false)}.", $"“{title.Zh}”的条件未知：{Lost(answer, zh: true)}。"),
        Reason.GatewayDown => ($"the gateway of the device was offline: “{title.En}” could not be judged.", $"设备所在网关离线，无法判断“{title.Zh}”。"),
        Reason.NoDataYet => ($"“{title.En}” had nothing to look at: {Lost(answer, zh: false)}.", $"“{title.Zh}”没有数据可判断：{Lost(answer, zh: true)}。"),
        Reason.DataLate => ($"what was known then did not show “{title.En}”; readings of that time came later, and say otherwise.", $"当时已知的数据未显示“{title.Zh}”；该时段的数据后来才收到，结果不同。"),
        Reason.Event => ($"“{title.En}” held, and is only recorded: it is an event, and calls nobody.", $"“{title.Zh}”成立，但仅作记录：属于事件，不通知任何人。"),
        _ => (
            $"by its readings “{title.En}” held, but the journal has no alarm of it: the device was not evaluated then, or under other settings or rules.",
            $"按数据“{title.Zh}”成立，但日志中没有报警：当时未计算该设备，或设置、规则不同。"),
    };

    /// <summary>In which state, and since when it was in that: seldom since it was raised.</summary>
    private static string Stood(Standing standing, bool zh)
    {
        var (raised, state) = (standing.Alarm.RaisedAt, State(standing));
        var since = standing.Transitions.Reverse().TakeWhile(transition => transition.To == standing.Alarm.State).LastOrDefault()?.At ?? raised;
        if (since == raised)
            return zh ? $"自 {Time(raised)} 起为 {state}" : $"stood as {state} since {Time(raised)}";
        return zh ? $"于 {Time(raised)} 发出，自 {Time(since)} 起为 {state}" : $"was raised at {Time(raised)}, and stood as {state} since {Time(since)}";
    }

    /// <summary>The comparisons that decided: channel, value and limit. Where a state was asked for, its name is no limit, and the value says all.</summary>
    private static string Figures(Explained answer, string holds, bool zh)
    {
        var figures = answer.Comparisons.Where(comparison => comparison.Holds == holds).Take(MostFigures).Select(comparison => Figure(comparison, zh)).ToList();
        if (figures.Count == 0)
            return "";
        return zh ? "（" + string.Join("；", figures) + "）" : " (" + string.Join("; ", figures) + ")";
    }

    private static string Figure(ExplainedComparison comparison, bool zh)
    {
        var (value, limit) = (Shown(comparison.Value, comparison.Unit), Shown(comparison.Limit, comparison.Unit));
        if (comparison.Limit is string or bool)
            return $"{comparison.Channel ?? comparison.Text.Split(' ')[0]} {(zh ? "为" : "was")} {value}";
        return zh ? $"{comparison.Channel ?? comparison.Text} 为 {value}，限值 {limit}" : $"{comparison.Channel ?? comparison.Text} was {value}, limit {limit}";
    }

    /// <summary>What did not count, and why.</summary>
    private static string Lost(Explained answer, bool zh)
    {
        var lost = answer.Channels.Where(channel => !channel.Counts).Select(channel => (channel.Quality, channel.Time) switch
        {
            (null, _) => zh ? $"{channel.Channel} 从未上报" : $"{channel.Channel} was never reported",
            (Quality.Bad or Quality.Stale, { } time) => zh ? $"{channel.Channel} 的数据（{Time(time)}）质量为 {Word(channel.Quality)}" : $"the value of {channel.Channel} of {Time(time)} is {Word(channel.Quality)}",
            (_, { } time) => zh ? $"{channel.Channel} 最后的数据为 {Time(time)}，已过有效期" : $"the last value of {channel.Channel} is of {Time(time)}, and counts no longer",
            _ => channel.Channel,
        }).Concat(answer.Settings.Where(setting => setting.Value is null).Select(setting => zh ? $"未设置 {setting.Setting}" : $"{setting.Setting} is not set")).ToList();
        return lost.Count > 0 ? string.Join(zh ? "；" : "; ", lost) : zh ? "没有收到任何数据" : "nothing had been received";
    }

    private static string Until(Standing standing, bool zh) => standing.Alarm.Overlay?.Until is { } until ? zh ? $"至 {Time(until)}" : $" until {Time(until)}" : "";

    private static string State(Standing standing) => string.Concat(standing.Alarm.State.ToString().Select((letter, i) => char.IsUpper(letter) && i > 0 ? "_" + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));

    private static string Word(Quality? quality) => quality.ToString()!.ToLowerInvariant();

    private static string Shown(object? value, string? unit) => value switch
    {
        null => "unknown",
        bool flag => flag ? "true" : "false",
        double number => number.ToString(CultureInfo.InvariantCulture) + (unit is null or "1" ? "" : " " + unit),
        _ => (string)value,
    };

    private static string Time(long at) => Iso.Time(at);
}
