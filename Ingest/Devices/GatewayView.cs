namespace Telemetry.Ingest.Devices;

/// <summary>One gateway as the rules have it.</summary>
/// <param name="HeardAt">When anything came through it last, Unix ms, without the time for which the service stood still; null for never.</param>
/// <param name="DownCause"><c>status</c>, <c>connection_ended</c>, <c>silent</c>; null while it is up, and before it was first heard.</param>
public sealed record GatewayView(string Id, bool Up, long? HeardAt, string? DownCause);
