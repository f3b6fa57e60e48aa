using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>What a caller says with an action. Each action takes what it needs and refuses the rest: a member that would be ignored was meant.</summary>
/// <param name="By">Who acts. With users it is the user: left out, or the same name. Without: default <c>operator</c>.</param>
/// <param name="Comment">At most 2,000 characters, as every text here.</param>
/// <param name="Reason">Why: shelve, suppress, out-of-service, false-alarm.</param>
/// <param name="Until">RFC 3339 with a zone or Unix ms: shelve, suppress.</param>
/// <param name="Second">The second person: shelve and suppress of what is critical.</param>
/// <param name="OneShot">The shelve ends with the condition, if that comes first.</param>
/// <param name="Permit">Number of the permit to work: out-of-service.</param>
/// <param name="Watch">What stands watch instead: out-of-service.</param>
/// <param name="Place">Where: reset of a rule with <c>reset: on site</c>.</param>
/// <param name="CheckedOnSite">Someone was there and looked: the same.</param>
/// <param name="To">Who is asked to go: assign.</param>
/// <param name="Code">Six digits that the second person got (POST /alarms/{id}/second-person), in place of second.</param>
/// <param name="SecondToken">The second person's own token, in place of both.</param>
public sealed record ActionBody(
    string? By, string? Comment, string? Reason, JsonElement? Until, string? Second, bool? OneShot, string? Permit, string? Watch, string? Place, bool? CheckedOnSite, string? To,
    string? Code = null, string? SecondToken = null)
{
    private const int MaxText = 2000;

    private static readonly Dictionary<string, (string[] Takes, string[] Needs)> Members = new(StringComparer.Ordinal)
    {
        ["reset"] = (["place", "checkedOnSite"], []),
        ["comment"] = ([], ["comment"]),
        ["shelve"] = (["second", "oneShot", "code", "secondToken"], ["reason", "until"]),
        ["suppress"] = (["second", "code", "secondToken"], ["reason", "until"]),
        ["out-of-service"] = ([], ["reason", "permit", "watch"]),
        ["assign"] = ([], ["to"]),
        ["false-alarm"] = ([], ["reason"]),
    };

    /// <summary>The entry that the action will be.</summary>
    /// <param name="by">As the service knows the caller.</param>
    /// <param name="now">Unix ms.</param>
    /// <exception cref="ApiException">400: what is missing, too long or does not belong here.</exception>
    public ActionEntry ToEntry(string action, string alarm, string by, long now)
    {
        var (takes, needs) = Members.GetValueOrDefault(action, ([], []));
        foreach (var (name, value) in Said())
        {
            if (value is string { Length: > MaxText })
                throw Bad($"{name}: at most {MaxText} characters");
            var isMissing = value is null || (value is string text && string.IsNullOrWhiteSpace(text));
            if (isMissing && needs.Contains(name))
                throw Bad($"{name}: must not be missing or empty here");
            if (value is not null && name is not ("comment" or "reason") && !takes.Contains(name) && !needs.Contains(name))
                throw Bad(name == "until" ? $"until: {action} does not end by itself; leave it out" : $"{name}: {action} takes none; leave it out");
        }
        return new ActionEntry
        {
            Action = action,
            Alarm = alarm,
            By = by,
            Comment = Comment,
            Reason = Reason,
            Until = Until is { } until ? Coming(until, now) : null,
            Second = Second,
            OneShot = OneShot ?? false,
            Permit = Permit,
            Watch = Watch,
            Place = Place,
            CheckedOnSite = CheckedOnSite ?? false,
            To = To,
            Time = now,
        };
    }

    private IEnumerable<(string Name, object? Value)> Said() =>
    [
        ("comment", Comment), ("reason", Reason), ("until", Until is { ValueKind: not JsonValueKind.Null } ? Until : null), ("second", Second), ("oneShot", OneShot), ("permit", Permit), ("watch", Watch),
        ("place", Place), ("checkedOnSite", CheckedOnSite), ("to", To), ("code", Code), ("secondToken", SecondToken),
    ];

    private static long Coming(JsonElement until, long now) =>
        Query.ParseTime(until) is { } time && time > now ? time : throw Bad("until: must be a time to come, RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms");

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_body", detail);
}
