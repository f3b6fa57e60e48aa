using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Notify.Second;

/// <summary>
/// Codes that have been sent to second persons: each for one alarm and one asker, good for five minutes, five tries and one use. In memory: a restart voids them, and one
/// asks anew. Any thread.
/// </summary>
/// <param name="now">Unix ms.</param>
internal sealed class SecondCodes(Func<long> now)
{
    /// <summary>Milliseconds.</summary>
    public const long Lifetime = 5 * LocalTime.Minute;

    /// <summary>Between two codes for one alarm and asker, ms: nobody is called over and over, and guessing gets five tries a minute.</summary>
    public const long Between = LocalTime.Minute;

    public const int Tries = 5;

    // Each needs a call to somebody: more would be a flood.
    private const int Most = 1_000;

    private sealed record Sent(string Code, string Person, long At, int Tries);

    private readonly Dictionary<(string Alarm, string By), Sent> _sent = [];
    private readonly Lock _gate = new();

    /// <summary>A new one, which voids the one before.</summary>
    /// <returns>Null where the one before is not a minute old.</returns>
    public string? Make(string alarm, string by, string person)
    {
        lock (_gate)
        {
            var at = now();
            foreach (var old in _sent.Where(sent => at - sent.Value.At >= Lifetime).Select(sent => sent.Key).ToList())
                _sent.Remove(old);
            if (_sent.Count >= Most || (_sent.TryGetValue((alarm, by), out var before) && at - before.At < Between))
                return null;
            var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
            _sent[(alarm, by)] = new Sent(code, person, at, Tries);
            return code;
        }
    }

    /// <summary>Uses a code up.</summary>
    /// <returns>The person who got it, or why not: <c>no_code</c>, <c>wrong_code</c>.</returns>
    public (string? Person, string? Refusal) Take(string alarm, string by, string code)
    {
        lock (_gate)
        {
            if (!_sent.TryGetValue((alarm, by), out var sent) || now() - sent.At >= Lifetime || sent.Tries == 0)
                return (null, "no_code");
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent.Code), Encoding.UTF8.GetBytes(code)))
            {
                // It stays, so that another one is not asked for at once, and opens nothing more.
                _sent[(alarm, by)] = sent with { Tries = 0 };
                return (sent.Person, null);
            }
            _sent[(alarm, by)] = sent with { Tries = sent.Tries - 1 };
            return (null, "wrong_code");
        }
    }
}
