namespace Telemetry.Rules.Model;

/// <summary>The rule for ids of devices and gateways: 1-64 of <c>[A-Za-z0-9_.:-]</c>.</summary>
public static class DeviceId
{
    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-");

    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is >= 1 and <= 64 && !id.ContainsAnyExcept(Allowed);
}
