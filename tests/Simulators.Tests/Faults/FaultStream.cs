using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Tests.Faults;

/// <summary>A stream of readings made by hand, and what a fault file makes of it.</summary>
internal sealed class FaultStream
{
    /// <summary>2026-06-01T00:00:00+08:00.</summary>
    public const long Zero = 1_780_243_200_000;

    private static readonly Sender[] Senders =
    [
        new("pump-1", "drainage_pump", "gw-1"), new("pump-2", "drainage_pump", "gw-1"), new("cover-1", "manhole_cover", "gw-2"), new("gas-1", "gas_valve", "gw-2"),
    ];

    public List<Sending> Out { get; } = [];

    public List<Injection> Ledger { get; } = [];

    public IEnumerable<Reading> Readings => Out.Select(sending => sending.What).OfType<ReadingDue>().Select(due => due.Reading);

    /// <summary>What was sent: second, device and sequence, and the gateways' changes.</summary>
    public IEnumerable<string> Sent => Out.Select(sending => sending.What switch
    {
        ReadingDue { Reading: var reading } => string.Create(CultureInfo.InvariantCulture, $"{Second(sending.Due)} {reading.Device}#{reading.Sequence}"),
        GatewayChange change => string.Create(CultureInfo.InvariantCulture, $"{Second(sending.Due)} {change.Gateway} {(change.Up ? "up" : "down")}"),
        _ => "?",
    });

    public static FaultStream Play(string faults, params IEnumerable<(double Second, Reading Reading)> clean)
    {
        var (plan, errors) = FaultReader.Read("f.yaml", "faults:\n" + faults, Senders);
        Assert.Empty(errors);
        var played = new FaultStream();
        var layer = new FaultLayer(plan!, Zero, played.Ledger.Add);
        foreach (var (second, reading) in clean)
            played.Out.AddRange(layer.Take(new Sending(Zero + (long)(second * 1000), new ReadingDue(reading))));
        played.Out.AddRange(layer.End());
        return played;
    }

    /// <summary>One reading each ten seconds, from 0 on, with these levels.</summary>
    public static IEnumerable<(double Second, Reading Reading)> Levels(params IEnumerable<double> levels) => levels.Select((level, i) => Pump(10 * i, i + 1, level));

    public static (double Second, Reading Reading) Pump(double second, long sequence, double level, string device = "pump-1", string gateway = "gw-1") => (second, new Reading
    {
        Gateway = gateway,
        Family = "drainage_pump",
        Device = device,
        SentTime = Zero + (long)(second * 1000),
        EventTime = Zero + (long)(second * 1000),
        Sequence = sequence,
        Values =
        [
            new("sump_level", ValueKind.Number, level, null, Quality.Good),
            new("pump_run.1", ValueKind.Boolean, sequence % 2, null, Quality.Good),
            new("power_supply", ValueKind.State, 0, "mains", Quality.Good),
        ],
    });

    public static string Payload(Reading reading) => Encoding.UTF8.GetString(NativePayload.Write([reading]));

    public static double Second(long due) => (due - Zero) / 1000.0;

    /// <summary>The numbers of a channel, as sent; what is missing is left out.</summary>
    public IEnumerable<double> Numbers(string channel = "sump_level") => Readings.SelectMany(reading => reading.Values).Where(value => value.Channel == channel).Select(value => value.Number);
}
