using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Api;

/// <summary>400 <c>unknown_channel</c>: a typo must not pass for a channel that nobody has sent.</summary>
public static class UnknownChannel
{
    /// <param name="families">Those that were asked; one of them, or all.</param>
    public static ApiException Of(string channel, IReadOnlyCollection<Family> families)
    {
        var channels = families.SelectMany(family => family.Channels).DistinctBy(known => known.Name).ToList();
        var names = channels.Select(known => known.Group is null ? known.Name : $"{known.Name}.N").ToArray();
        var whose = families.Count == 1 ? families.First().Name : "any family";
        return ApiException.BadRequest("unknown_channel", $"'{channel}' is not a channel of {whose}{NearestName.Hint(channel, channels.Select(known => known.Name))}; known: {string.Join(", ", names)}").With("channels", names);
    }
}
