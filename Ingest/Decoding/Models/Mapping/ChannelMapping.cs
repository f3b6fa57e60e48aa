namespace Telemetry.Ingest.Decoding.Models.Mapping;

/// <summary>One channel of a family, and the fields of a model that it comes from.</summary>
/// <param name="Channel">Without instance.</param>
/// <param name="Instance">Null for a channel without instances.</param>
/// <param name="IsPerSensor">Written <c>stall_occupied.N</c>: the register gives the sensor its instance; 1 where it gives none.</param>
/// <param name="Sources">The first of which a report has the field counts.</param>
internal sealed record ChannelMapping(string Channel, int? Instance, bool IsPerSensor, IReadOnlyList<ChannelSource> Sources)
{
    // Names by instance, made once: a fleet's instances are few and come again and again.
    private readonly string?[] _names = new string?[IsPerSensor ? 1000 : 1];

    /// <param name="sensor">The instance that the register gives the sensor, 1 to 999.</param>
    public string NameFor(int sensor)
    {
        ref var name = ref _names[IsPerSensor ? sensor : 0];
        return name ??= (IsPerSensor ? sensor : Instance) is { } instance ? $"{Channel}.{instance}" : Channel;
    }

    /// <summary>As the file writes it, which is also by what a file replaces what its base says.</summary>
    public string Written => IsPerSensor ? Channel + ".N" : NameFor(1);
}
