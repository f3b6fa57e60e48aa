using System.Globalization;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Notify.Texts;

/// <summary>What is known of an alarm's place and rule.</summary>
/// <param name="Rule">Null if it has left the family file.</param>
/// <param name="Device">Null for gateways, areas and the service itself.</param>
internal sealed record PlaceFacts(Rule? Rule, Device? Device);

/// <summary>The pieces of a text about one alarm, each one safe line.</summary>
internal sealed class PlaceText(Place place, PlaceFacts facts, Wording words, string? map)
{
    /// <summary>Address, else street, else district, and always the id, by which it stands on the page.</summary>
    public string Where => SafeText.Line(Spot is { Length: > 0 } spot ? $"{spot} ({place.Alarm.Device})" : place.Alarm.Device);

    /// <summary>Without the id, where something else says it.</summary>
    public string Short => SafeText.Line(Spot is { Length: > 0 } spot ? spot : place.Alarm.Device);

    public string Title => SafeText.Line((facts.Rule is { } rule ? words.Of(rule.Title) : place.Alarm.Rule) + (place.Alarm.Instance is { } instance ? " " + instance : ""));

    /// <summary>The hazard before the name of what happened.</summary>
    public string Hazard => facts.Rule?.Consequence is { } consequence && words.Hazards.TryGetValue(consequence, out var hazard) ? hazard + words.Colon + Title : Title;

    /// <summary>What somebody has to know first, and what has become of it.</summary>
    public string Headline => (AsksForSomebody ? Hazard : Title) + (News is { } news ? " " + news : "");

    public string? Action => facts.Rule?.Action is { } action ? SafeText.Line(words.Of(action)) : null;

    public string? Bring => facts.Rule?.Bring is { } bring ? SafeText.Line(words.Of(bring)) : null;

    public string? Who => facts.Rule?.Who is { } who ? SafeText.Line(who) : null;

    public string Since => $"{LocalTime.Shown(place.Alarm.RaisedAt)} (+08:00)";

    public string? Value => place.Alarm switch
    {
        { ValueState: { } state } => SafeText.Line(state),
        { Value: { } value } alarm => SafeText.Line(Number(value) + Unit + (alarm.Limit is { } limit ? $" ({words.Limit} {Number(limit)}{Unit})" : "")),
        _ => null,
    };

    public string? Detail => place.Alarm.Detail is { Length: > 0 } detail ? SafeText.Line(detail) : null;

    public string? Map => map is not null && facts.Device is { Latitude: { } latitude, Longitude: { } longitude }
        ? map.Replace("{latitude}", latitude.ToString("0.000000", CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{longitude}", longitude.ToString("0.000000", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        : null;

    /// <summary>It stands, or has ended and latched: somebody has to go.</summary>
    public bool AsksForSomebody => place.News == PlaceNews.Stands;

    /// <summary>What has become of it; null while its condition holds.</summary>
    public string? News => place.News switch
    {
        PlaceNews.Stands when !place.Alarm.Holds => words.OverLatched,
        PlaceNews.Over => place.Alarm.State == Rules.Alarms.AlarmState.Normal || !place.Alarm.Latches ? words.Over : words.OverLatched,
        PlaceNews.Amended => place.Alarm.RetractedAt is not null ? words.Retracted : place.Alarm.Holds ? words.Amended : words.AmendedOver,
        PlaceNews.DrillEnded => words.DrillEnded,
        PlaceNews.Unwatched => words.Unwatched,
        _ => null,
    };

    private string? Spot => facts.Device?.Address ?? place.Alarm.Street ?? place.Alarm.District;

    // UCUM's brackets are for programs: %{LEL}, [ppm].
    private string Unit => place.Alarm.Unit is { Length: > 0 } unit && unit != "1" ? " " + unit.Trim('[', ']').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal) : "";

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
