using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Devices of one family and parent in the natural order of their ids (T-2 before T-10): stations along a tunnel.</summary>
internal sealed class NeighbourTable
{
    private static readonly Comparer<DeviceState> Order = Comparer<DeviceState>.Create((a, b) => NaturalOrder.Compare(a.Device.Id, b.Device.Id));

    private readonly Dictionary<(string Family, string Parent), List<DeviceState>> _byParent = [];

    /// <summary>The register says something new of a device; what it said before still stands in <paramref name="state"/>.</summary>
    public void Set(DeviceState state, Device device)
    {
        if (state.Device.Parent is { } before && _byParent.TryGetValue((device.Family, before), out var left))
        {
            left.Remove(state);
            if (left.Count == 0)
                _byParent.Remove((device.Family, before));
        }
        if (device.Parent is not { } parent)
            return;
        if (!_byParent.TryGetValue((device.Family, parent), out var devices))
            _byParent[(device.Family, parent)] = devices = [];
        devices.Insert(~devices.BinarySearch(state, Order), state);
    }

    public IReadOnlyList<DeviceState> With(string family, string parent) => _byParent.TryGetValue((family, parent), out var devices) ? devices : [];

    /// <summary>The one before and the one after; null at an end.</summary>
    public (DeviceState? Before, DeviceState? After) Of(DeviceState device)
    {
        if (device.Device.Parent is not { } parent || !_byParent.TryGetValue((device.Device.Family, parent), out var devices))
            return (null, null);
        var at = devices.BinarySearch(device, Order);
        return (at > 0 ? devices[at - 1] : null, at + 1 < devices.Count ? devices[at + 1] : null);
    }
}

/// <summary>As people count: runs of digits by their number, all else by its code.</summary>
internal static class NaturalOrder
{
    public static int Compare(string a, string b)
    {
        var (i, j) = (0, 0);
        while (i < a.Length && j < b.Length)
        {
            var order = char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]) ? CompareNumbers(Run(a, ref i), Run(b, ref j)) : a[i++].CompareTo(b[j++]);
            if (order != 0)
                return order;
        }
        return (a.Length - i).CompareTo(b.Length - j) is var rest and not 0 ? rest : string.CompareOrdinal(a, b);
    }

    private static ReadOnlySpan<char> Run(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(start, at - start).TrimStart('0');
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
}
