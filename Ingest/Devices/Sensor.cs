using System.Buffers;
using System.Globalization;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>One piece of hardware, and for which device it reports.</summary>
/// <param name="Model">Its own, else the device's; null where the register says neither.</param>
/// <param name="Instance">What of the device it reports, 1 to 999: stall 5. Null for all of it.</param>
/// <param name="IsDeclared">The register names it as a sensor; else it is the device's own id.</param>
public readonly record struct Sensor(Device Device, string? Model, int? Instance, bool IsDeclared)
{
    public const string WireIdExpected = "1 to 128 printable ASCII characters without spaces, ; and =";

    public const string Expected = "nothing, a model, or a model and the instance 1 to 999 that it reports, such as milesight-vs330 5,";

    private const int MaxWireId = 128, MaxModel = 200, MaxInstance = 999;

    private static readonly SearchValues<char> WireIdChars =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Except(";=")]);

    public static bool IsWireId(ReadOnlySpan<char> text) => text.Length is >= 1 and <= MaxWireId && !text.ContainsAnyExcept(WireIdChars);

    /// <param name="text">As in the register: empty, <c>milesight-gs301</c>, <c>milesight-vs330 5</c>.</param>
    /// <param name="model">Null for the device's own.</param>
    public static bool TryParse(string? text, out string? model, out int? instance)
    {
        (model, instance) = (null, null);
        if (text is null or "")
            return text is not null;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        model = space < 0 ? text : text[..space];
        if (model.Length is 0 or > MaxModel || model.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter) || letter is ';' or '='))
            return false;
        if (space < 0)
            return true;
        if (!int.TryParse(text.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxInstance)
            return false;
        instance = number;
        return true;
    }

    /// <summary>The cell of a CSV file: <c>24E124…=milesight-vs330 5; 24E125…</c>.</summary>
    public static SortedDictionary<string, string> ReadList(string cell, List<DeviceError> wrong)
    {
        var sensors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in cell.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var wireId = equals < 0 ? part : part[..equals].TrimEnd();
            if (!sensors.TryAdd(wireId, equals < 0 ? "" : part[(equals + 1)..].TrimStart()))
                wrong.Add(new DeviceError("sensors", wireId, "each wire id once"));
        }
        return sensors;
    }

    /// <summary>The same as <see cref="ReadList"/> reads.</summary>
    public static string WriteList(IReadOnlyDictionary<string, string> sensors) =>
        string.Join("; ", sensors.Select(sensor => sensor.Value.Length == 0 ? sensor.Key : $"{sensor.Key}={sensor.Value}"));
}
