using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify;

/// <summary>What is asked of a dry run: who would be told, if this alarm came then and nobody accepted it.</summary>
/// <param name="At">Unix ms.</param>
/// <param name="Severity">Null for that of the rule's highest step.</param>
/// <param name="Device">Of the register; null for one that is made up.</param>
/// <param name="Mode"><c>live</c>, <c>drill</c> or <c>test</c>.</param>
internal sealed record DryRunQuestion(long At, Family Family, Rule Rule, Severity? Severity, string? District, string? Street, CalendarKinds Calendar, Device? Device, string Mode);

/// <summary>One who would be told.</summary>
/// <param name="Asked"><c>on_call</c>, <c>next</c>, <c>leader</c>, a person, <c>drill</c>, <c>digest</c> or <c>copy</c>.</param>
/// <param name="Sms">The short message, with 0000 for its code.</param>
internal sealed record DryRunStep(long At, string Asked, string Recipient, string Name, IReadOnlyList<MessageChannel> Channels, string Subject, string Body, string Sms, string Voice);

/// <param name="Route">Its number in the file; null in a drill or a test, which no route touches.</param>
/// <param name="Gaps">Where the rota has nobody at the moment of a step.</param>
internal sealed record DryRunAnswer(int? Route, string? Team, string? Position, IReadOnlyList<DryRunStep> Steps, IReadOnlyList<string> Gaps);

/// <summary>Answers "who would be told now, at 03:00 on Sunday, if …" with the same parts that tell in earnest.</summary>
internal static class DryRun
{
    /// <param name="ways">How a message may be answered, as its texts say; null for by the desk alone.</param>
    public static DryRunAnswer Of(NotifyFile file, DryRunQuestion question, AnswerWays? ways = null)
    {
        var alarm = Sample(question);
        if (alarm.Mode == Modes.Test)
            return new DryRunAnswer(null, null, null, [], []);
        if (alarm.Mode == Modes.Drill)
            return new DryRunAnswer(null, null, null, [.. file.Drill.Select(person => Step(question.At, Modes.Drill, person))], []);
        var routed = new Router(file).Of(new RouteQuery(alarm.Kind, alarm.Family, alarm.Rule, alarm.Severity, alarm.District, alarm.Street, question.Calendar), question.At);
        var (steps, gaps, told) = (new List<DryRunStep>(), new List<string>(), new List<string>());
        IEnumerable<(long At, string Asked, StepTarget To, IReadOnlyList<MessageChannel>? By)> asked = routed.IsDigest
            ? file.Digest.Select(time => LocalTime.Next(time, question.At)).Order().Take(1).Select(at => (at, "digest", StepTarget.OnCall, (IReadOnlyList<MessageChannel>?)file.DigestChannels))
            : routed.Steps.Select(step => (question.At + step.After, step.To.Word, step.To, step.By));
        foreach (var (at, word, to, by) in asked)
        {
            if (routed.Team.At(at) is { Person: null } gap)
                gaps.Add($"{LocalTime.Shown(at)}: nobody is on call ({gap.Why})");
            var person = new OnCall(file).Of(routed.Team, to, at, told);
            steps.Add(Step(at, word, person, by));
            told.Add(person);
        }
        steps.AddRange(routed.IsDigest ? [] : routed.Route.Copies.Select(robot => Step(question.At, "copy", robot)));
        return new DryRunAnswer(routed.Route.Number, routed.Team.Name, routed.Route.Position, steps, [.. gaps.Distinct()]);

        DryRunStep Step(long at, string word, string recipient, IReadOnlyList<MessageChannel>? by = null)
        {
            var person = file.People.GetValueOrDefault(recipient);
            var kind = word == "digest" ? MessageKind.Digest : Outgoing.KindOf(alarm.Severity, by);
            IReadOnlyList<MessageChannel> channels = person is null ? [] : person.Ways(by ?? file.Channels[alarm.Severity]);
            var message = new Message("", recipient, person is null, kind, alarm.Mode == Modes.Drill, channels, [new Place(alarm, "", PlaceNews.Stands, 0)], at);
            var text = new CrewText(file, message, _ => new PlaceFacts(question.Rule, question.Device), ways);
            return new DryRunStep(at, word, recipient, person?.Name ?? recipient, channels, text.Subject, text.Body, text.Sms("0000"), text.Voice);
        }
    }

    private static Alarm Sample(DryRunQuestion question)
    {
        var step = question.Rule.Steps[^1];
        return new Alarm
        {
            Id = new string('0', 32),
            Device = question.Device?.Id ?? "DEVICE",
            // The alarm of a place stands in the family area.
            Family = question.Rule.Place is null ? question.Family.Name : Fleet.AreaFamily,
            District = question.District,
            Street = question.Street,
            Rule = question.Rule.Name,
            Kind = step.Kind,
            Severity = question.Severity ?? step.Severity,
            State = AlarmState.ActiveUnacknowledged,
            Mode = question.Mode == Modes.Live ? null : question.Mode,
            RaisedAt = question.At,
            RaisedReceivedAt = question.At,
            RuleVersion = question.Family.Hash,
        };
    }
}
