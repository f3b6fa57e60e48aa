using System.Buffers;

namespace Telemetry.Ingest.Decoding;

internal enum TopicKind : byte
{
    Bad,
    Reading,
    Status,
}

/// <summary><c>telemetry/v1/{gateway}/{family}/{device}</c> or <c>telemetry/v1/{gateway}/status</c>, taken apart.</summary>
internal readonly ref struct NativeTopic
{
    public const string Expected = "telemetry/v1/{gateway}/{family}/{device} or telemetry/v1/{gateway}/status, ids of 1-64 characters A-Z a-z 0-9 _ . : -";

    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"u8);

    private NativeTopic(TopicKind kind, ReadOnlySpan<byte> gateway, ReadOnlySpan<byte> family, ReadOnlySpan<byte> device)
    {
        Kind = kind;
        Gateway = gateway;
        Family = family;
        Device = device;
    }

    public TopicKind Kind { get; }

    public ReadOnlySpan<byte> Gateway { get; }

    public ReadOnlySpan<byte> Family { get; }

    public ReadOnlySpan<byte> Device { get; }

    public static NativeTopic Parse(ReadOnlySpan<byte> topic)
    {
        var prefix = "telemetry/v1/"u8;
        if (!topic.StartsWith(prefix))
            return default;
        var rest = topic[prefix.Length..];
        var gateway = TakeLevel(ref rest, out var more);
        if (!IsId(gateway) || !more)
            return default;
        var second = TakeLevel(ref rest, out more);
        if (!more)
            return second.SequenceEqual("status"u8) ? new NativeTopic(TopicKind.Status, gateway, default, default) : default;
        var device = TakeLevel(ref rest, out more);
        return IsId(second) && IsId(device) && !more ? new NativeTopic(TopicKind.Reading, gateway, second, device) : default;
    }

    private static ReadOnlySpan<byte> TakeLevel(scoped ref ReadOnlySpan<byte> rest, out bool more)
    {
        var slash = rest.IndexOf((byte)'/');
        more = slash >= 0;
        var level = more ? rest[..slash] : rest;
        rest = more ? rest[(slash + 1)..] : default;
        return level;
    }

    // DeviceId.IsValid, on bytes.
    private static bool IsId(ReadOnlySpan<byte> id) => id.Length is >= 1 and <= 64 && !id.ContainsAnyExcept(IdBytes);
}
