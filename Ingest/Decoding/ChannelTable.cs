using System.Collections.Concurrent;
using System.Text;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Decoding;

/// <summary>A family's channels by their names on the wire, instances included. Any thread.</summary>
internal sealed class ChannelTable(Family family)
{
    private readonly ConcurrentDictionary<string, KnownChannel> _known = new(AsciiComparer.Instance);

    /// <summary>Null for a channel that the family doesn't have.</summary>
    public KnownChannel? Find(ReadOnlySpan<byte> name)
    {
        if (_known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var known))
            return known;
        var text = Encoding.UTF8.GetString(name);
        // Only what the family knows is kept: at most 999 instances a channel, whatever a sender makes up.
        return family.Find(text) is { } found ? _known.GetOrAdd(text, new KnownChannel(text, found.Channel)) : null;
    }
}

/// <param name="Name">With its instance: <c>pump_run.2</c>.</param>
internal sealed record KnownChannel(string Name, Channel Channel);
