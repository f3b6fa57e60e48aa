using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Explain;

/// <summary>The rule <c>when: silent</c>: it looks at nothing but when the device was heard last.</summary>
internal static class Silence
{
    public static Reason ReasonOf(Question question, Standing? standing, PastView then, PastView? now)
    {
        if (Explainer.Stood(standing) is { } stood)
            return stood;
        if (Explainer.GatewayIsDown(question, then))
            return Reason.GatewayDown;
        if (LastHeard(then) is not { } heard)
            return now is null ? Reason.NoDataYet : Reason.DataLate;
        return question.At < heard + Limit(question) ? Reason.ConditionFalse : Reason.DelayRunning;
    }

    public static ExplainedStep StepOf(Question question, Standing? standing, PastView then, PastView? now)
    {
        var heard = LastHeard(then);
        var due = heard + Limit(question);
        var silent = due <= question.At;
        var seconds = FormattableString.Invariant($"{Limit(question) / 1000.0} s");
        return new ExplainedStep(
            null, "silent", new Title($"no sign of life for {seconds}", $"{seconds} 内没有任何消息"), heard is null ? "absent" : silent ? "true" : "false", null, silent ? due : heard, 0, due,
            standing is { WasKnown: true, Alarm.Holds: true });
    }

    /// <summary>Log time, Unix ms: a sign of life is when it came, whatever it says of the past.</summary>
    private static long? LastHeard(PastView then) => then.Heard.Select(entry => (long?)entry.Contact).DefaultIfEmpty(null).Max();

    private static long Limit(Question question) =>
        ((question.Device.Heartbeat is { } text ? Quantity.Duration(text) : null) ?? question.Family.HeartbeatOf(question.Device.Model)) * 5 / 2;
}
