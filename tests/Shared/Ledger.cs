using System.Globalization;
using System.Text;

namespace Telemetry.Tests.Shared;

/// <summary>What a load publisher has written down as acknowledged, against what a service has stored.</summary>
internal static class Ledger
{
    /// <param name="record">Lines <c>device sequence count</c>.</param>
    /// <param name="begun">Nothing was sent before.</param>
    /// <param name="channel">Of every reading.</param>
    public static async Task<(int Acknowledged, int Stored, int Missing, int Doubled)> CompareAsync(ServiceProcess service, string record, DateTimeOffset begun, string channel = "sump_level")
    {
        var acknowledged = (await File.ReadAllLinesAsync(record, Encoding.ASCII))
            .Select(line => line.Split(' '))
            // The last line may be torn: the publisher was stopped while it wrote.
            .Where(parts => parts.Length == 3)
            .SelectMany(parts => Enumerable.Range(0, int.Parse(parts[2], CultureInfo.InvariantCulture)).Select(i => (Device: parts[0], Sequence: long.Parse(parts[1], CultureInfo.InvariantCulture) + i)))
            .ToHashSet();
        var (stored, doubled) = (0, 0);
        var distinct = new HashSet<(string, long)>();
        foreach (var device in acknowledged.Select(one => one.Device).Distinct())
        {
            var readings = await service.GetAsync($"api/v1/devices/{device}/readings?channel={channel}&from={begun.AddMinutes(-1).ToUnixTimeMilliseconds()}&to={begun.AddDays(1).ToUnixTimeMilliseconds()}");
            foreach (var reading in readings.EnumerateArray())
            {
                stored++;
                if (!distinct.Add((device, reading.GetProperty("seq").GetInt64())))
                    doubled++;
            }
        }
        return (acknowledged.Count, stored, acknowledged.Count(one => !distinct.Contains(one)), doubled);
    }
}
