using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Alarms;

/// <summary>What the dialog asks for an action.</summary>
public sealed class ActionAnswers
{
    public string? Comment { get; set; }

    public string? Reason { get; set; }

    /// <summary>Minutes from now, for what ends by itself.</summary>
    public int Minutes { get; set; } = 30;

    public string? Second { get; set; }

    /// <summary>That the second person got.</summary>
    public string? Code { get; set; }

    public bool OneShot { get; set; }

    public string? Permit { get; set; }

    public string? Watch { get; set; }

    public string? Place { get; set; }

    public bool CheckedOnSite { get; set; }

    public string? To { get; set; }
}

/// <summary>One thing that an operator may do to an alarm, and what it asks for. The rules have the last word on whether it is possible.</summary>
/// <param name="Name">As in the API's path.</param>
/// <param name="Fields">What is asked, in order: names of <see cref="ActionAnswers"/>; one with <c>!</c> must be given.</param>
public sealed record AlarmAction(string Name, string En, string Zh, params string[] Fields)
{
    private static readonly AlarmAction[] Known =
    [
        new("acknowledge", "Acknowledge", "确认", "Comment"),
        new("reset", "Reset", "复位", "Comment!", "Place", "CheckedOnSite"),
        new("unshelve", "Unshelve", "取消搁置", "Comment"),
        new("unsuppress", "End suppression", "取消抑制", "Comment"),
        new("return-to-service", "Return to service", "恢复使用", "Comment"),
        new("accept", "Accept: I am going", "接单", "Comment"),
        new("on-site", "On site", "已到场", "Comment"),
        new("done", "Done", "处置完成", "Comment"),
        new("decline", "Decline", "退单", "Comment"),
        new("assign", "Assign", "派单", "To!"),
        new("false-alarm", "False alarm", "误报", "Reason!"),
        new("comment", "Comment", "备注", "Comment!"),
        new("shelve", "Shelve", "搁置", "Reason!", "Minutes", "Second", "OneShot"),
        new("suppress", "Suppress", "抑制", "Reason!", "Minutes", "Second"),
        new("out-of-service", "Out of service", "停用", "Reason!", "Permit!", "Watch!"),
    ];

    public static AlarmAction Of(string name) => Known.First(action => action.Name == name);

    /// <summary>What makes sense in the alarm's state, the most usual first.</summary>
    public static IEnumerable<AlarmAction> Possible(Alarm alarm)
    {
        if (alarm.State == AlarmState.Normal)
            return [];
        return Names().Select(Of);

        IEnumerable<string> Names()
        {
            if (alarm.IsUnacknowledged())
                yield return "acknowledge";
            if (alarm.State == AlarmState.LatchedAcknowledged)
                yield return "reset";
            if (alarm.State == AlarmState.Shelved)
                yield return "unshelve";
            if (alarm is { State: AlarmState.Suppressed, Overlay: not null })
                yield return "unsuppress";
            if (alarm.State == AlarmState.OutOfService)
                yield return "return-to-service";
            if (alarm.AcceptedBy is null)
            {
                yield return "accept";
            }
            else
            {
                if (alarm.OnSiteAt is null)
                    yield return "on-site";
                if (alarm.DoneAt is null)
                    yield return "done";
                yield return "decline";
            }
            yield return "assign";
            yield return "false-alarm";
            yield return "comment";
            if (alarm.State is not (AlarmState.Shelved or AlarmState.OutOfService))
                yield return "shelve";
            if (alarm.IsShown)
                yield return "suppress";
            if (alarm.State != AlarmState.OutOfService)
                yield return "out-of-service";
        }
    }

    /// <summary>Acknowledging, accepting and the like are one touch; what hides or ends something is asked about first.</summary>
    public bool NeedsDialog => Fields is not ["Comment"];

    /// <summary>A critical alarm is hidden for 30 min at most, and by two.</summary>
    public static bool NeedsSecond(Alarm alarm) => alarm.Severity == Severity.Critical;

    public ActionBody ToBody(ActionAnswers said, string? by, long now)
    {
        return new ActionBody(
            by, Text("Comment", said.Comment), Text("Reason", said.Reason), Takes("Minutes") ? JsonSerializer.SerializeToElement(now + (said.Minutes * 60_000L) - 1000) : null,
            Text("Second", said.Second), Takes("OneShot") && said.OneShot ? true : null, Text("Permit", said.Permit), Text("Watch", said.Watch), Text("Place", said.Place),
            Takes("CheckedOnSite") && said.CheckedOnSite ? true : null, Text("To", said.To), Text("Second", said.Code));

        bool Takes(string field) => Fields.Any(known => known.TrimEnd('!') == field);
        string? Text(string field, string? text) => Takes(field) && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }
}
