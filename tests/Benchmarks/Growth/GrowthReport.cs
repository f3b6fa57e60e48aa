using System.Globalization;
using System.Runtime.InteropServices;

namespace Telemetry.Benchmarks.Growth;

/// <summary>The report in Markdown.</summary>
internal static class GrowthReport
{
    public static string Of(GrowthMeasured measured, string picture) => string.Create(CultureInfo.InvariantCulture, $"""
        # How the rules' costs grow

        Made by `dotnet run -c Release --project tests/Benchmarks -- growth` on {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC: {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}. One run. Costs of a reading
        are processor time of the process (user and system, garbage collection included), so that other programs' share of the machine does not count; what they take of its caches does.

        ![six curves]({picture})

        ## By devices

        The city's mix (of 1,000 devices 752 gas valves, 235 covers, 10 toilets, 2 tunnel stations, 1 pump station) with all shipped rules, late data and the duplicate filter on, 200 gateways. Each device in turn sends its periodic numbers, up to six, every 10 s of
        event time; a tick follows each 1,000 readings. Nothing is late. A cover that says numbers alone has rules without data, and a ticket that says so: {N(measured.Points[^1].Alarms)} stand in the largest city. The time is the median of five stretches of 200,000 readings.

        | devices | ns a reading | readings/s on one core | bytes a device | checkpoint, MB | saved, s | restart, s | of it processor, s |
        |---|---|---|---|---|---|---|---|
        {Rows(measured.Points.Select(point => $"{N(point.Devices)} | {N(point.Nanoseconds)} | {N(1e9 / point.Nanoseconds)} | {N(point.Bytes)} | {N1(point.Megabytes)} | {N1(point.Saved)} | {N1(point.Restart)} | {N1(point.RestartCpu)}"))}

        - **A reading**: no rule looks at all devices, and the tables by device are looked up by hash, so the work is the same at any number. What grows is the way to the memory: of 1,000 devices everything lies in the processor's caches, of
          100,000 and more nothing does, and a reading touches some twenty places of its device. From there on the curve is level but for the page tables.
        - **Bytes a device**: everything that is kept after one reading: newest values, step states, windows, the kept state for late data, id and register record. At a small number what a family is kept as counts too, and tables double when they are full: the curve goes up and down by
          a tenth without a trend.
        - **A restart**: the service's checkpoint file is checked, read, and one reading is evaluated. Linear in what was remembered: every device and every alarm is read once and put into the same tables, what the rules remember of devices by all processors. When it was written each of 1,000 devices had sent some 1,400 readings, and each of a
          million three: windows are full there, and up to ten states are kept for late data instead of one, hence more bytes of checkpoint and more time a device at the small end.

        ## A network outage

        All 200 gateways of these cities are lost at once, their alarms are raised 10 s later in one tick, and they come back.

        | devices | ms a gateway | ms of the tick that raises all |
        |---|---|---|
        {Rows(measured.Points.Select(point => $"{N(point.Devices)} | {point.Outage.ToString("N2", CultureInfo.InvariantCulture)} | {N1(point.LongestOfOutage)}"))}

        Linear in the devices: each gateway looks once at those behind it, for the gravest alarm that its outage hides and for whether they are in a drill.

        ## By rules

        10,000 devices of a family with one channel and so many threshold rules with a deadband, all of which look at it; one value a reading.

        | rules | ns a reading | ns a rule beyond the first |
        |---|---|---|
        {Rows(measured.Rules.Select(each => $"{each.Rules} | {N(each.Nanoseconds)} | {(each.Rules == 1 ? "" : N1((each.Nanoseconds - measured.Rules[0].Nanoseconds) / (each.Rules - 1)))}"))}

        Linear from what a reading costs without rules: each rule that reads a channel is evaluated for each of its values. Rules on other channels cost a reading nothing.

        ## By alarms

        The same devices with one rule. Of the readings so many are beyond the limit: their devices send one beyond and one below in turn, so that every reading of theirs raises or clears an alarm, and what recurs unacknowledged ends the occurrence before it: three transitions for two of them.

        | readings in alarm | transitions a reading | ns a reading | ns a transition |
        |---|---|---|---|
        {Rows(measured.Alarms.Select(each => $"{(each.Share * 100).ToString("0.#", CultureInfo.InvariantCulture)} % | {each.Transitions.ToString("0.###", CultureInfo.InvariantCulture)} | {N(each.Nanoseconds)} | {(each.Transitions == 0 ? "" : N((each.Nanoseconds - measured.Alarms[0].Nanoseconds) / each.Transitions))}"))}

        A transition costs many times a reading: it has an id, a record, its place in the journal, and is compared with what suppresses it. Few transitions a reading are measured from a small difference: the last row is the safest one.

        ## By alarms of the same device

        100 devices with one rule, each of whose readings, one a minute, raises or clears its alarm, for so long that it was raised so often. What was made known of the last day is kept, for late readings to be compared with.

        | alarms of each device | ns a transition |
        |---|---|
        {Rows(measured.Again.Select(each => $"{N(each.Alarms)} | {N(each.Nanoseconds)}"))}

        A transition finds its alarm by its id, and what is over for a day is let go from the front: neither looks through what is kept.

        """);

    private static string Processor() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "an unknown processor";

    private static string Rows(IEnumerable<string> rows) => string.Join('\n', rows.Select(row => $"| {row} |"));

    private static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string N1(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
}
