namespace Telemetry.Ingest.Decoding.Routes;

/// <summary>Which messages are written in which format: one entry of <c>Formats</c>.</summary>
/// <param name="Gateway">Behind which the devices stand, where the topic names none.</param>
internal sealed record TopicRoute(string Name, TopicPattern Topic, IPayloadFormat Format, string Gateway);
