using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Verifies passwords off the connections' path, few at a time, and remembers the outcome: a thousand gateways that come back at once cost no
/// CPU, nor does one that comes back every second with a wrong password. What is remembered is a hash under a key of this process; it names
/// the hash of the file too, so a changed line is asked anew.
/// </summary>
public sealed class PasswordChecks : IDisposable
{
    private const int MaxRight = 200_000;
    private const int MaxWrong = 20_000;

    /// <summary>Checks waiting for their turn; beyond it clients are told to come back.</summary>
    private const int MaxWaiting = 5_000;

    // Alarms need the other half.
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _right = new();
    private readonly ConcurrentDictionary<string, bool> _wrong = new();
    private readonly ConcurrentDictionary<string, Task<bool>> _running = new();
    private long _computed;

    /// <summary>How many hashes were really computed.</summary>
    public long Computed => Interlocked.Read(ref _computed);

    /// <summary>What is known of this password without computing anything.</summary>
    public bool? Known(PasswordHash hash, ReadOnlySpan<byte> password) => Known(KeyOf(hash, password));

    /// <summary>Whether it is right; null while too many wait. The computation goes on when its client leaves: the next attempt finds its outcome.</summary>
    public async Task<bool?> VerifyAsync(PasswordHash hash, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        var key = KeyOf(hash, password.Span);
        if (Known(key) is { } known)
            return known;
        if (!_running.TryGetValue(key, out var running))
        {
            if (_running.Count >= MaxWaiting)
                return null;
            var own = password.ToArray();
            running = _running.GetOrAdd(key, _ => Task.Run(() => ComputeAsync(key, hash, own), CancellationToken.None));
        }
        return await running.WaitAsync(cancellationToken);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<bool> ComputeAsync(string key, PasswordHash hash, byte[] password)
    {
        await _turns.WaitAsync();
        try
        {
            // Another attempt may have computed it between the look and the start.
            if (Known(key) is { } known)
                return known;
            Interlocked.Increment(ref _computed);
            var right = hash.Verify(password);
            Remember(right ? _right : _wrong, key, right ? MaxRight : MaxWrong, right);
            return right;
        }
        finally
        {
            _turns.Release();
            _running.TryRemove(key, out _);
        }
    }

    private bool? Known(string key) => _right.ContainsKey(key) ? true : _wrong.ContainsKey(key) ? false : null;

    private static void Remember(ConcurrentDictionary<string, bool> into, string key, int most, bool value)
    {
        if (into.Count >= most)
            into.Clear();
        into[key] = value;
    }

    private string KeyOf(PasswordHash hash, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        // The file's hash has no zero byte: the two can't be cut differently.
        hmac.AppendData(Secrets.Utf8(hash.Text));
        hmac.AppendData([0]);
        hmac.AppendData(password);
        return Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
