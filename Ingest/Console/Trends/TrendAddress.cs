using System.Globalization;
using System.Text;
using Telemetry.Ingest.OperatorPage.Charts;

namespace Telemetry.Ingest.OperatorPage.Trends;

/// <summary>One channel of one device, as it stands in an address: <c>PS-1:pump_run.2</c>. A device's id may have colons, a channel has none.</summary>
public sealed record TrendChannel(string Device, string Channel)
{
    /// <summary>Null for what is none.</summary>
    public static TrendChannel? Parse(string? text)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        return colon > 0 && colon < text!.Length - 1 ? new TrendChannel(text[..colon], text[(colon + 1)..]) : null;
    }

    public override string ToString() => $"{Device}:{Channel}";
}

/// <summary>What a view of trends shows, as its address says it: whoever opens it sees the same.</summary>
/// <param name="To">Its end, Unix ms; null goes on with time.</param>
public sealed record TrendAddress(IReadOnlyList<TrendChannel> Channels, ChartRange Range, long? To)
{
    /// <summary>More lines than these nobody tells apart.</summary>
    public const int Most = 6;

    public static TrendAddress Parse(IEnumerable<string>? channels, string? range, string? to) => new(
        [.. (channels ?? []).Select(TrendChannel.Parse).OfType<TrendChannel>().Distinct().Take(Most)], ChartRange.Of(range),
        long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var end) && Notify.LocalTime.IsUsual(end) ? end : null);

    public override string ToString()
    {
        var address = new StringBuilder("trends?range=").Append(Range.Name);
        foreach (var channel in Channels)
            address.Append("&c=").Append(Uri.EscapeDataString(channel.ToString()));
        if (To is { } to)
            address.Append(CultureInfo.InvariantCulture, $"&to={to}");
        return address.ToString();
    }
}
