using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Notify.Second;

/// <summary>Codes that have been sent to second persons: each for one alarm and one asker, good for five minutes, five tries and one use, at whichever node. Any thread.</summary>
/// <param name="shared">Null where this is the only node: a restart voids them then, and one asks anew.</param>
/// <param name="send">Gives one to whatever sends, at each node.</param>
/// <param name="now">Unix ms.</param>
internal sealed class SecondCodes(SharedList? shared, Action<SecondCode> send, Func<long> now) : IDisposable
{
    /// <summary>Milliseconds.</summary>
    public const long Lifetime = 5 * LocalTime.Minute;

    /// <summary>Between two codes for one alarm and asker, ms: nobody is called over and over, and guessing gets five tries a minute.</summary>
    public const long Between = LocalTime.Minute;

    public const int Tries = 5;

    // Each needs a call to somebody: more would be a flood.
    private const int Most = 1_000;

    private readonly SharedMap<SecondCode> _sent = new(shared, code => code.At + Lifetime, now, (code, before) =>
    {
        // One that has been tried already is sent too: nobody's phone stays silent because somebody guesses fast.
        if (code.Key != before?.Key && !code.Used)
            send(code);
    });

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    public Task FollowAsync(CancellationToken cancellationToken) => _sent.FollowAsync(cancellationToken);

    /// <summary>Sends a new one, which voids the one before.</summary>
    /// <returns>Null where the one before is not a minute old.</returns>
    /// <exception cref="IOException">It can't be stored: nothing was sent, but in a cluster by another node where this one alone can't store it.</exception>
    public async Task<SecondCode?> MakeAsync(string alarm, string by, string person, string about, CancellationToken cancellationToken)
    {
        await using var turn = await _sent.TurnAsync(cancellationToken);
        var at = now();
        if (_sent.All.Count() >= Most || (_sent.Find(KeyOf(alarm, by)) is { } before && at - before.At < Between))
            return null;
        var code = new SecondCode(alarm, by, person, about, RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", CultureInfo.InvariantCulture), at, Tries);
        await turn.PutAsync(KeyOf(alarm, by), code);
        return code;
    }

    /// <summary>Uses a code up.</summary>
    /// <returns>The person who got it, or why not: <c>no_code</c>, <c>wrong_code</c>.</returns>
    /// <exception cref="IOException">Whether it is good can't be known for now.</exception>
    public async Task<(string? Person, string? Refusal)> TakeAsync(string alarm, string by, string code, CancellationToken cancellationToken)
    {
        await using var turn = await _sent.TurnAsync(cancellationToken);
        if (_sent.Find(KeyOf(alarm, by)) is not { Tries: > 0 } sent)
            return (null, "no_code");
        var isRight = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent.Code), Encoding.UTF8.GetBytes(code));
        // A used one stays, so that another one is not asked for at once, and opens nothing more.
        await turn.PutAsync(KeyOf(alarm, by), isRight ? sent with { Used = true, Tries = 0 } : sent with { Tries = sent.Tries - 1 });
        return isRight ? (sent.Person, null) : (null, "wrong_code");
    }

    public void Dispose() => _sent.Dispose();

    // Whatever an asker is called: PostgreSQL knows no NUL.
    private static string KeyOf(string alarm, string by) => JsonSerializer.Serialize<string[]>([alarm, by]);
}
