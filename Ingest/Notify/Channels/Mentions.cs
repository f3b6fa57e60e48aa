using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>Whom a robot's copy mentions: whoever has accepted or is assigned, and has an id at that kind of chat.</summary>
internal static class Mentions
{
    public static IReadOnlyList<string> Of(Envelope envelope, string kind) =>
    [
        .. envelope.Message.Places.SelectMany(place => Names(place.Alarm)).SelectMany(name => envelope.People.Values.Where(person => person.Id == name || person.Name == name))
            .Select(person => person.Mentions.GetValueOrDefault(kind)).OfType<string>().Distinct(),
    ];

    private static IEnumerable<string> Names(Alarm alarm) => new[] { alarm.AssignedTo, alarm.AcceptedBy }.OfType<string>();
}
