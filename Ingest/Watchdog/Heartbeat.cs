using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Telemetry.Ingest.Watchdog;

/// <summary>What the service says to its watchdog after a test reading has passed: which one, and how far.</summary>
/// <param name="Beat">The reading's <c>seq</c>: Unix ms by the watchdog's own clock. No earlier heartbeat can stand in for it.</param>
/// <param name="Passed">In order, of <see cref="Stages"/>.</param>
/// <param name="TestAlarm">The newest beat whose test alarm has passed as far; null while none has.</param>
internal sealed record Heartbeat(long Beat, IReadOnlyList<string> Passed, long? TestAlarm)
{
    public const string Gateway = "gateway", Log = "log", Rules = "rules", Notifier = "notifier";

    /// <summary><c>sha256=HEX</c>: HMAC-SHA256 over the body under the shared key.</summary>
    public const string SignatureHeader = "Telemetry-Signature";

    /// <summary>Bytes of a body.</summary>
    public const int MaxBody = 4096;

    public static IReadOnlyList<string> Stages { get; } = [Gateway, Log, Rules, Notifier];

    public byte[] Body() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    public static string Sign(byte[] key, ReadOnlySpan<byte> body) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key, body));

    /// <summary>Null where the signature is not ours, or the body none.</summary>
    public static Heartbeat? Read(byte[] key, ReadOnlySpan<byte> body, string? signature)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(key, body)), Encoding.ASCII.GetBytes(signature ?? "")))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Heartbeat>(body, JsonSerializerOptions.Web) is { Passed: not null } heartbeat ? heartbeat : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
