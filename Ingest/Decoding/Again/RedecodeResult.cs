namespace Telemetry.Ingest.Decoding.Again;

/// <summary>What came of decoding dead letters again.</summary>
/// <param name="Letters">Looked at.</param>
/// <param name="Decoded">Of which nothing is left to decode.</param>
/// <param name="Readings">What they gave that the log did not have.</param>
/// <param name="Failed">Those that stay, by the reason that they have now.</param>
/// <param name="Skipped">Those that cannot be decoded again: <c>cut</c> (not all bytes of the message were kept), <c>conflicting_duplicate</c>, <c>store_refused</c>.</param>
/// <param name="Dry">Nothing was written.</param>
public sealed record RedecodeResult(long Letters, long Decoded, long Readings, IReadOnlyDictionary<string, long> Failed, IReadOnlyDictionary<string, long> Skipped, bool Dry);

/// <param name="Running">False: the others are those of the last run.</param>
/// <param name="Done">Letters looked at.</param>
/// <param name="Of">Letters that there were at its begin.</param>
public sealed record RedecodeProgress(bool Running, long Done, long Of);

/// <summary>A <see cref="RedecodeResult"/> in the making.</summary>
internal sealed class RedecodeCounts
{
    private readonly SortedDictionary<string, long> _failed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _skipped = new(StringComparer.Ordinal);
    private long _decoded;
    private long _readings;

    public long Letters { get; private set; }

    public void Add(int readings, string? reason)
    {
        Letters++;
        _readings += readings;
        if (reason is null)
            _decoded++;
        else
            _failed[reason] = _failed.GetValueOrDefault(reason) + 1;
    }

    public void Skip(string why)
    {
        Letters++;
        _skipped[why] = _skipped.GetValueOrDefault(why) + 1;
    }

    public RedecodeResult ToResult(bool dry) => new(Letters, _decoded, _readings, _failed, _skipped, dry);
}
