using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>
/// Takes a crew's steps, whichever way they come: by a link, a reply, a key pressed. The log and the rules have the last word; no step acknowledges the
/// operator's alarm.
/// </summary>
internal sealed partial class CrewDesk(Acting acting, DeliveryStats stats, ILogger<CrewDesk> logger)
{
    // Two of a crew who press at once are judged one after the other. An alarm's steps always meet at the same gate.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Null where there is no such alarm any more.</summary>
    public Alarm? Find(string alarm)
    {
        try
        {
            return acting.Find(alarm, Scope.City);
        }
        catch (ApiException)
        {
            return null;
        }
    }

    /// <param name="by">The person's name.</param>
    /// <param name="via"><c>link</c>, <c>sms</c> or <c>voice</c>.</param>
    /// <param name="isAsSeen">Whether the alarm stands as the person saw it; null where that cannot be known.</param>
    public async Task<StepResult> TakeAsync(string alarm, CrewStep step, string by, string? reason, string via, Func<Alarm, bool>? isAsSeen)
    {
        var gate = _gates[(uint)string.GetHashCode(alarm, StringComparison.Ordinal) % _gates.Length];
        await gate.WaitAsync();
        try
        {
            var result = await JudgeAsync(alarm, step, by, reason, via, isAsSeen);
            Count(via, NameOf(result));
            LogStep(via, by, step.Name(), alarm, NameOf(result));
            return result;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What came in and was no step of anybody's.</summary>
    public void Count(string via, string result) => stats.CountAnswer(via, result);

    public static string NameOf(StepResult result) => JsonNamingPolicy.SnakeCaseLower.ConvertName(result.ToString());

    private async Task<StepResult> JudgeAsync(string id, CrewStep step, string by, string? reason, string via, Func<Alarm, bool>? isAsSeen)
    {
        if (Find(id) is not { } alarm)
            return StepResult.Ended;
        if (CrewSteps.Hindrance(alarm, step, by, reason) is { } hindrance)
            return hindrance;
        if (isAsSeen?.Invoke(alarm) == false)
            return StepResult.Changed;
        var body = new ActionBody(null, $"by {via}", step == CrewStep.FalseAlarm ? reason : null, null, null, null, null, null, null, null, null);
        try
        {
            // A phone that has lost its network meanwhile has pressed the button nevertheless.
            await acting.ActAsync(step.Action(), id, body, by, Scope.City, CancellationToken.None);
            return StepResult.Taken;
        }
        catch (ApiException error) when (error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            return StepResult.Unavailable;
        }
        catch (ApiException error)
        {
            return error.Reason == "ended" ? StepResult.Ended : StepResult.Refused;
        }
    }

    [LoggerMessage(LogLevel.Information, "by {Via}: {Person}, {Step}, alarm {Alarm}: {Result}")]
    private partial void LogStep(string via, string person, string step, string alarm, string result);
}
