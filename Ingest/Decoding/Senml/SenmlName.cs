using System.Buffers;

namespace Telemetry.Ingest.Decoding.Senml;

/// <summary>
/// Which device a record is of, and what it measures there. RFC 8428 knows names alone, so this is our rule (docs/payloads.md): the topic's
/// <c>{device}</c>, where the route has one; else the base name, where the record has a name besides; else what precedes the field in the one
/// name that there is.
/// </summary>
internal readonly record struct SenmlName(string Device, string Field)
{
    /// <summary>The field of a device that measures one thing only and gives it no name.</summary>
    public const string Unnamed = "value";

    private const string Separators = ":/_";

    // A path of LwM2M begins with a slash, which RFC 8428 does not allow.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:./_");

    /// <param name="device">From the topic; null where it names none.</param>
    /// <exception cref="MalformedMessageException">No name, or none that SenML allows.</exception>
    public static SenmlName Of(string? device, string baseName, string name)
    {
        var whole = baseName + name;
        if (whole.AsSpan().ContainsAnyExcept(Allowed) || whole.Length > 256 || (device is null && whole.AsSpan().Trim(Separators).IsEmpty))
            throw new MalformedMessageException(RejectReason.Malformed, $"name \"{Shown(whole)}\": expected 1 to 256 of A-Z a-z 0-9 - : . / _ from bn and n together");
        if (device is not null)
            return new(device, FieldIn(whole.StartsWith(device, StringComparison.Ordinal) ? whole.AsSpan(device.Length) : whole));
        if (baseName.AsSpan().Trim(Separators).Length > 0 && name.Length > 0)
            return new(baseName.TrimEnd(':', '/', '_'), FieldIn(name));
        var end = EndOfDevice(whole);
        return new(whole[..end].TrimEnd(':', '/', '_'), FieldIn(whole.AsSpan(end)));
    }

    private static string FieldIn(ReadOnlySpan<char> name) => name.Trim(Separators) is { IsEmpty: false } field ? field.ToString() : Unnamed;

    /// <summary>A URN names the device up to the end of its identifier; of another name the last part is the field.</summary>
    private static int EndOfDevice(string name)
    {
        if (!name.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
            return name.LastIndexOfAny(['/', ':']) is > 0 and var last ? last : name.Length;
        // urn:NID:identifier, but urn:dev:TYPE:identifier (RFC 9039).
        var parts = name.StartsWith("urn:dev:", StringComparison.OrdinalIgnoreCase) ? 3 : 2;
        var at = 0;
        for (; parts > 0 && at >= 0; parts--)
            at = name.IndexOf(':', at) + 1 is > 0 and var next ? next : -1;
        return at < 0 || name.IndexOfAny([':', '/', '_'], at) is not (>= 0 and var end) ? name.Length : end;
    }

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
