using System.Text.Json;
using System.Text.Json.Nodes;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Explain;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Why an alarm was, or was not, there at a moment: the answer of the rules' <see cref="Explainer"/> as JSON.</summary>
public static class ExplainRoutes
{
    /// <param name="Answer">alarm_stood, suppressed, shelved, out_of_service, delay_running, condition_false, condition_unknown, no_data_yet, data_late, not_evaluated, device_unknown, rule_unknown, test_or_drill, gateway_down or event.</param>
    /// <param name="Alarm">The alarm object as it stood then, with the `transitions` that were known then, lines of the journal; null for none.</param>
    /// <param name="RuleVersion">Of the family file in force at the moment.</param>
    /// <param name="ReadingsLater">Readings of the time before the moment that were received after it: the newest 100.</param>
    /// <param name="Limits">What the answer could not look at.</param>
    public sealed record ExplainAnswer(
        string Device, string Rule, string? Instance, string At, string Answer, Title Sentence, JsonElement? Alarm, IReadOnlyList<ExplainCondition> Conditions, IReadOnlyList<ExplainedComparison> Comparisons,
        IReadOnlyList<ExplainChannel> Channels, IReadOnlyList<ExplainedSetting> Settings, string? RuleVersion, IReadOnlyList<ExplainLater> ReadingsLater, int ReadingsLaterCount, IReadOnlyList<string> Limits);

    /// <param name="Truth">As known then: true, false, unknown or absent.</param>
    /// <param name="TruthLater">With the readings that came later; null where none did.</param>
    /// <param name="DueAt">When a running delay is over.</param>
    /// <param name="Stands">Its on-delay was over, and no off-delay since.</param>
    public sealed record ExplainCondition(string? Step, string Text, Title Plain, string Truth, string? TruthLater, string? Since, string OnDelay, string? DueAt, bool Stands);

    /// <param name="Time">Event time.</param>
    /// <param name="Age">Milliseconds.</param>
    /// <param name="Hold">Milliseconds for which a value counts; null until the device is silent.</param>
    public sealed record ExplainChannel(string Channel, object? Value, string? Unit, string? Quality, string? Time, string? ReceivedTime, long? Age, long? Hold, bool Counts, ExplainJump? Jump);

    /// <summary>A newer value, farther off than the channel's max_rate allows, that waits for a second one.</summary>
    /// <param name="CountsAt">When it counts if nothing comes before.</param>
    public sealed record ExplainJump(double Value, string Time, string CountsAt);

    public sealed record ExplainLater(string Device, string Time, string ReceivedTime, long? Seq, IReadOnlyDictionary<string, object?> Values);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/explain", AnswerAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("device", "Its id; for an alarm of a gateway, a place or the service, theirs.", Required: true),
                new QueryParameter("rule", "Its name in the family file.", Required: true),
                new QueryParameter("instance", "Of a rule with instances: 1 to 999; default the one that was nearest to an alarm."),
                new QueryParameter("at", "The moment, RFC 3339 or Unix ms; default now."))
            .WithSummary("Why an alarm was, or was not, there at a moment: from the log, as it was known then, and what came later.")
            .Produces<ExplainAnswer>();

    private static async Task<ExplainAnswer> AnswerAsync(HttpContext context, ExplainReader reader, FamilyCatalog families, TimeProvider time)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (device, rule, at) = (Query.Text(context, "device")!, Query.Text(context, "rule")!, Query.Time(context, "at") ?? now);
        if (at > now)
            throw ApiException.BadRequest("bad_parameter", $"at={Iso.Time(at)}: that is still to come; it is {Iso.Time(now)}");
        var (answer, version) = await reader.AskAsync(device, rule, (int)(Query.Number(context, "instance", 1, 999) ?? 0), at, Caller.Of(context).Scope, context.RequestAborted);
        return new ExplainAnswer(
            device,
            rule,
            answer.Instance == 0 ? null : FormattableString.Invariant($"{answer.Instance}"),
            Iso.Time(at),
            JsonNamingPolicy.SnakeCaseLower.ConvertName(answer.Answer.ToString()),
            answer.Sentence,
            answer.Alarm is { } alarm ? Shown(alarm, families.RuleOf(alarm), answer.Transitions) : null,
            [.. answer.Conditions.Select(step => new ExplainCondition(step.Step, step.Text, step.Plain, step.Truth, step.TruthLater, Shown(step.Since), FamilyRoutes.Duration(step.OnDelay), Shown(step.DueAt), step.Stands))],
            answer.Comparisons,
            [.. answer.Channels.Select(channel => new ExplainChannel(
                channel.Channel, channel.Value, channel.Unit, channel.Quality?.ToString().ToLowerInvariant(), Shown(channel.Time), Shown(channel.ReceivedTime), channel.Age, channel.Hold, channel.Counts,
                channel.Jump is { } jump ? new ExplainJump(jump.Value, Iso.Time(jump.Time), Iso.Time(jump.CountsAt)) : null))],
            answer.Settings,
            version,
            [.. answer.ReadingsLater.Select(reading => new ExplainLater(reading.Device, Iso.Time(reading.Time), Iso.Time(reading.ReceivedTime), reading.Sequence, reading.Values.ToDictionary(value => value.Channel, Shown)))],
            answer.ReadingsLaterCount,
            answer.Limits);
    }

    // AlarmJson alone knows the members of an alarm; this answer adds one.
    private static JsonElement Shown(Alarm alarm, Rule? rule, IReadOnlyList<AlarmTransition> transitions)
    {
        var shown = JsonNode.Parse(AlarmJson.Write(alarm, rule))!.AsObject();
        shown["transitions"] = new JsonArray([.. transitions.Select(transition => JsonNode.Parse(AlarmJson.JournalLine(transition)))]);
        return JsonSerializer.SerializeToElement(shown, ApiJson.Options);
    }

    private static string? Shown(long? time) => time is { } at ? Iso.Time(at) : null;

    private static object? Shown(ChannelValue value) => value.Kind switch
    {
        ValueKind.State => value.State,
        ValueKind.Boolean => value.Number != 0,
        _ => double.IsFinite(value.Number) ? value.Number : null,
    };
}
