using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>A message with everything that a channel needs of it.</summary>
/// <param name="Person">Null for a robot, and for a person who has left the file.</param>
/// <param name="People">For the robots' mentions.</param>
/// <param name="Code">Four digits, by which an answer names its message.</param>
internal sealed record Envelope(Message Message, Person? Person, CrewText Text, IReadOnlyDictionary<string, Person> People, string Code)
{
    public string Key => Message.Key;
}

/// <summary>Sends by one channel. Whatever a network or a provider does is an <see cref="Outcome"/>; cancelled at the attempt's end.</summary>
internal interface INotifyChannel
{
    string Name { get; }

    /// <summary>So many at once at most.</summary>
    int AtOnce { get; }

    /// <summary>From the begin of an attempt to that of the next one, at least.</summary>
    TimeSpan Between => TimeSpan.Zero;

    Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken);
}
