using System.Globalization;
using System.Text;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Positions;

/// <summary>The document of a handover as plain text, to print or to mail; China's time. Every line begins with words of ours, whatever the register holds.</summary>
internal static class HandoverText
{
    public static string Of(HandoverDocument document, Language language)
    {
        var zh = language == Language.Zh;
        var text = new StringBuilder();
        Line(zh ? "交接班" : "Handover", $"{SafeText.Line(document.Position)}  {Local(document.At)} (+08:00)");
        Line(zh ? "交班人" : "Outgoing", $"{Name(document.Outgoing)}{(document.Since is { } since ? (zh ? " 自 " : " since ") + Local(since) : "")}");
        Line(zh ? "上次交接" : "Last handover", document.LastHandover is { } last ? Local(last) : "-");
        if (document.AnswersFor.Count > 0)
            Line(zh ? "代管席位" : "Answers for", string.Join(", ", document.AnswersFor.Select(SafeText.Line)));
        Alarms(zh ? "未确认的一级报警" : "Critical, not acknowledged", document.Unacknowledged);
        Alarms(zh ? "持续报警" : "Standing", document.Standing);
        Alarms(zh ? "已恢复未确认" : "Over, not acknowledged", document.Cleared);
        Alarms(zh ? "锁定待复位" : "Latched, to be reset", document.Latched);
        Alarms(zh ? "已搁置（逐条确认）" : "Shelved (tick each)", document.Shelved);
        Head(zh ? "已抑制" : "Suppressed", document.Suppressed.Sum(cause => cause.Alarms.Count));
        foreach (var cause in document.Suppressed)
            Item($"{(cause.Cause is null ? zh ? "由值班员" : "by an operator" : $"{Of(cause.Title, cause.Rule)} {SafeText.Line(cause.Device)}")}: {cause.Alarms.Count}");
        Alarms(zh ? "停用" : "Out of service", document.OutOfService);
        Head(zh ? "测试与演练" : "Test and drill", document.Modes.Count);
        foreach (var mode in document.Modes)
            Item($"{SafeText.Line(mode.Device)} {mode.State}{(mode.Until is { } until ? " → " + Local(until) : "")} {SafeText.Line(mode.Reason)}");
        Head(zh ? "人员去向" : "Who is where", document.Responders.Count);
        foreach (var responder in document.Responders)
            Item($"{SafeText.Line(responder.Person)} {State(responder.State)} {SafeText.Line(responder.Where ?? responder.Device)} {Of(responder.Title, responder.Device)}");
        Head(zh ? "故障通知渠道" : "Channels that fail", document.Channels.Count);
        foreach (var channel in document.Channels)
            Item($"{SafeText.Line(channel.Channel)} {channel.State} {Local(channel.Since)} {SafeText.Line(channel.Reason)}");
        Head(zh ? "备注" : "Notes", document.Notes.Count);
        foreach (var note in document.Notes)
            Item($"{Local(note.At)} {SafeText.Line(note.By)}: {SafeText.Line(note.Text)}");
        if (document.Load is { } load)
            Line(zh ? "本班负荷" : "Load of the shift", string.Create(CultureInfo.InvariantCulture, $"{load.Calls}{(zh ? " 次报警，泛滥 " : " calls, in flood ")}{load.FloodMinutes} min"));
        Line(zh ? "未结工单" : "Open tickets", document.Tickets.ToString(CultureInfo.InvariantCulture));
        foreach (var duty in document.OnCall)
            Line($"{(zh ? "值班" : "On call")} {Of(duty.Title, duty.Team)}", $"{Name(duty.Person)}{(duty.NextFrom is { } from ? $" → {Local(from)} {Name(duty.Next)}" : "")}");
        return text.ToString();

        void Line(string label, string of) => text.Append(label).Append(zh ? "：" : ": ").Append(of.TrimEnd()).Append('\n');

        void Head(string label, int count) => text.Append('\n').Append(label).Append(CultureInfo.InvariantCulture, $" ({count})\n");

        void Item(string of) => text.Append("· ").Append(of.TrimEnd()).Append('\n');

        void Alarms(string label, IReadOnlyList<HandoverAlarm> alarms)
        {
            Head(label, alarms.Count);
            foreach (var alarm in alarms)
                Item($"{Wording.For(language).Severities[Vocabulary.Severities[alarm.Severity]]} {Of(alarm.Title, alarm.Rule)} {SafeText.Line(alarm.Where)} ({SafeText.Line(alarm.Device)}) {Local(alarm.RaisedAt)}{Over(alarm)}");
        }

        string Over(HandoverAlarm alarm) => alarm.Overlay is not { } over ? ""
            : $" [{SafeText.Line(over.By)}: {SafeText.Line(over.Reason)}{(over.Until is { } until ? " → " + Local(until) : "")}{(over.Permit is { } permit ? $" {(zh ? "工作票" : "permit")} {SafeText.Line(permit)}, {(zh ? "替代监视" : "watch")} {SafeText.Line(over.Watch)}" : "")}]";

        string Of(Title? title, string? otherwise) => SafeText.Line(title is null ? otherwise : zh ? title.Zh : title.En);

        string Name(string? person) => person is null ? zh ? "无人" : "nobody" : SafeText.Line(person);

        string State(string state) => (state, zh) switch
        {
            ("assigned", true) => "已派",
            ("accepted", true) => "已接单",
            ("on_site", true) => "已到场",
            ("done", true) => "已完成",
            ("on_site", false) => "on site:",
            _ => state + ":",
        };
    }

    private static string Local(string time) => LocalTime.Shown(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());
}
