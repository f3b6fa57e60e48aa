using Telemetry.Ingest.Api;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.OperatorPage.Alarms;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.OnDuty;

/// <summary>A route as a person says it: which alarms, and whom it asks when.</summary>
internal static class RouteWords
{
    /// <param name="families">For their titles.</param>
    public static string Which(AlarmRoute route, PageSettings settings, Func<string, Family?> families)
    {
        var parts = new List<string>();
        Add(route.Families.Select(name => settings.Say(families(name)?.Title, name)));
        Add(route.Rules.Select(name => name.Replace('_', ' ')));
        Add(route.Severities.OrderDescending().Select(severity => severity.Mark()));
        Add(route.Kinds.Select(kind => kind.ToString().ToLowerInvariant()));
        Add(route.Districts);
        Add(route.Streets);
        if (route.Hours is { } hours)
            parts.Add($"{hours.From:HH:mm}–{hours.To:HH:mm}");
        Add(Calendar(route.Calendar, settings));
        return parts.Count == 0 ? settings.Say("everything else", "其余全部") : string.Join(" · ", parts);

        void Add(IEnumerable<string> words)
        {
            var text = string.Join(settings.Say(" or ", "或"), words);
            if (text.Length > 0)
                parts.Add(text);
        }
    }

    public static IEnumerable<string> Steps(AlarmRoute route, NotifyFile file, PageSettings settings)
    {
        if (route.Steps is not { } steps)
            return [settings.Say("by severity: see below", "按级别，见下")];
        return steps.Select(step => Step(step, file, settings));
    }

    public static string Step(RouteStep step, NotifyFile file, PageSettings settings)
    {
        var when = step.After == 0 ? settings.Say("at once", "立即") : settings.Say($"after {FamilyRoutes.Duration(step.After)}", $"{FamilyRoutes.Duration(step.After)} 后");
        return $"{when}: {Whom(step.To, file, settings)}{(step.By is { } by ? $" ({Ways(by)})" : "")}";
    }

    public static string Ways(IEnumerable<MessageChannel> channels) => string.Join(", ", channels.Select(ChannelNames.Of));

    private static string Whom(StepTarget target, NotifyFile file, PageSettings settings) =>
        target == StepTarget.OnCall ? settings.Say("who is on call", "当班人员")
        : target == StepTarget.Next ? settings.Say("the next one", "下一位")
        : target == StepTarget.Leader ? settings.Say("the leader", "值班长")
        : file.People.GetValueOrDefault(target.Word)?.Name ?? target.Word;

    private static IEnumerable<string> Calendar(CalendarKinds kinds, PageSettings settings)
    {
        if (kinds.HasFlag(CalendarKinds.WorkOrder))
            yield return settings.Say("during a work order", "检修期间");
        if (kinds.HasFlag(CalendarKinds.RainForecast))
            yield return settings.Say("with rain forecast", "有雨预报时");
        if (kinds.HasFlag(CalendarKinds.Holiday))
            yield return settings.Say("on holidays", "节假日");
    }
}
