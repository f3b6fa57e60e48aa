using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Crew;

internal enum TokenVerdict : byte
{
    Good,

    /// <summary>It was good: the response has moved on since.</summary>
    Spent,

    Forged,
}

/// <summary>
/// A token is good for one step of one alarm by one link, as long as the response stands as it did when the page was made. Nothing is stored: the step itself
/// moves the response on, and so spends it.
/// </summary>
/// <param name="key">See <see cref="CrewKey"/>.</param>
internal sealed class StepTokens(byte[] key)
{
    private const int StateBytes = 8, MacBytes = 16;

    public string For(string link, Alarm alarm, CrewStep step)
    {
        var state = StateOf(alarm);
        return Base64Url.EncodeToString([.. state, .. Mac(link, alarm.Id, step, state)]);
    }

    public TokenVerdict Check(string? token, string link, Alarm alarm, CrewStep step)
    {
        Span<byte> bytes = stackalloc byte[StateBytes + MacBytes];
        if (token is null || token.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length != bytes.Length)
            return TokenVerdict.Forged;
        var state = bytes[..StateBytes];
        if (!CryptographicOperations.FixedTimeEquals(bytes[StateBytes..], Mac(link, alarm.Id, step, state)))
            return TokenVerdict.Forged;
        return state.SequenceEqual(StateOf(alarm)) ? TokenVerdict.Good : TokenVerdict.Spent;
    }

    private ReadOnlySpan<byte> Mac(string link, string alarm, CrewStep step, ReadOnlySpan<byte> state) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"step\n{link}\n{alarm}\n{step.Name()}\n{Convert.ToHexString(state)}")).AsSpan(0, MacBytes);

    // Announced anew, it is another thing to accept.
    private static ReadOnlySpan<byte> StateOf(Alarm alarm) => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object?[]
    {
        alarm.AnnouncedAt, alarm.AssignedTo, alarm.AcceptedBy, alarm.AcceptedAt, alarm.DeclinedBy, alarm.OnSiteAt, alarm.DoneAt, alarm.FalseAlarm,
    })).AsSpan(0, StateBytes);
}
