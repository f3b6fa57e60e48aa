using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.Replay.Files;

namespace Telemetry.Simulators.Replay;

/// <summary>Which readings of a recording are sent.</summary>
/// <param name="From">Unix ms of the recording, inclusive.</param>
/// <param name="To">Unix ms, exclusive.</param>
public sealed record ReplayFilter(string? Family = null, string? Device = null, string? District = null, string? Through = null, long From = long.MinValue, long To = long.MaxValue)
{
    public bool Wants(RecordedReading reading) =>
        reading.Time >= From && reading.Time < To
        && (Family is null || reading.Family == Family) && (Device is null || reading.Device == Device) && (District is null || reading.District == District)
        && (Through is null || reading.Gateway == Through);
}

/// <summary>What a recording holds, found out by reading it once.</summary>
/// <param name="First">Unix ms; 0 without readings.</param>
public sealed record Survey(long Readings, long First, long Last, IReadOnlySet<string> Families, IReadOnlySet<string> Devices, IReadOnlyList<BadRow> BadRows, long BadRowCount)
{
    /// <summary>For whoever has asked for something else.</summary>
    public string Words => Readings == 0
        ? "The files hold no reading"
        : $"The files hold {Iso.Time(First)} to {Iso.Time(Last)}, {string.Join(", ", Families)}; {Devices.Count} devices, such as {Devices.First()}";
}

/// <summary>One or more files as one stream in the order of their times. Files are read anew for each stream.</summary>
public sealed class Recording(IReadOnlyList<string> files, CsvMapping? mapping, ReplayFilter filter)
{
    private const int MostShown = 50;

    private readonly FamilySet _families = FamilySet.Shipped();

    /// <exception cref="RecordingException">A file is of no kind that can be replayed.</exception>
    public Survey Look(CancellationToken cancellationToken)
    {
        var (readings, first, last, bad) = (0L, 0L, 0L, 0L);
        var (families, devices) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        var shown = new List<BadRow>();
        foreach (var reading in Read(row =>
        {
            if (bad++ < MostShown)
                shown.Add(row);
        }))
        {
            cancellationToken.ThrowIfCancellationRequested();
            first = readings++ == 0 ? reading.Time : Math.Min(first, reading.Time);
            last = readings == 1 ? reading.Time : Math.Max(last, reading.Time);
            families.Add(reading.Family);
            devices.Add(reading.Device);
        }
        return new Survey(readings, first, last, families, devices, shown, bad);
    }

    /// <summary>Bad rows are told and left out.</summary>
    public IEnumerable<RecordedReading> Read(Action<BadRow> bad) => Merged(bad).Where(filter.Wants);

    private IEnumerable<RecordedReading> Merged(Action<BadRow> bad)
    {
        if (files.Count == 1)
        {
            foreach (var reading in RecordingFile.Read(files[0], mapping, _families, bad))
                yield return reading;
            yield break;
        }
        var open = files.Select(file => RecordingFile.Read(file, mapping, _families, bad).GetEnumerator()).ToList();
        try
        {
            // Equal times come in the order of the files.
            var next = new PriorityQueue<IEnumerator<RecordedReading>, (long Time, int File)>();
            for (var i = 0; i < open.Count; i++)
                Push(i);
            while (next.TryPeek(out var source, out var at))
            {
                yield return source.Current;
                next.Dequeue();
                Push(at.File);
            }

            void Push(int file)
            {
                if (open[file].MoveNext())
                    next.Enqueue(open[file], (open[file].Current.Time, file));
            }
        }
        finally
        {
            foreach (var source in open)
                source.Dispose();
        }
    }
}
