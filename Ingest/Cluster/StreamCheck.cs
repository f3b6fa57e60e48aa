namespace Telemetry.Ingest.Cluster;

/// <param name="Server">By its name.</param>
/// <param name="Last">Of the last message that it holds.</param>
/// <param name="Differs">Messages that are others than most servers hold.</param>
/// <param name="First">Sequence of the first of them; 0 without any.</param>
/// <param name="Holds">What that one is: run and number, or nothing.</param>
/// <param name="OthersHold">What it is on most servers.</param>
internal sealed record ServerCheck(string Server, ulong Last, long Differs, ulong First, string Holds, string OthersHold);

/// <summary>
/// Compares what the servers of the stream hold, by the messages' names. They vouch for one another by the number of what they have agreed on, not by what it is: one that
/// was cut off as the leader may hold something else for good, and becomes everybody's truth when it leads again.
/// </summary>
internal static class StreamCheck
{
    /// <summary>Up to what all of them hold now.</summary>
    /// <param name="from">Sequence of the first message that is compared, from 1.</param>
    /// <exception cref="TimeoutException">A server does not answer.</exception>
    public static async Task<IReadOnlyList<ServerCheck>> RunAsync(NatsStream stream, ulong from, Action<ulong> compared, CancellationToken cancellationToken)
    {
        var (servers, first, last) = await stream.HeldAsync(cancellationToken);
        var readings = new List<ServerReading>();
        try
        {
            foreach (var server in servers)
                readings.Add(await ServerReading.BeginAsync(server, stream.Reading.NamesAtAsync(server, Math.Max(from, first), last, cancellationToken)));
            while (readings.Where(reading => !reading.IsOver).Select(reading => reading.Sequence).DefaultIfEmpty(ulong.MaxValue).Min() is var sequence and not ulong.MaxValue)
            {
                // Who has ended lags: that it holds nothing there is no difference.
                var held = readings.Where(reading => !reading.IsOver).Select(reading => (Reading: reading, Name: reading.Sequence == sequence ? reading.Name : "nothing")).ToList();
                var most = held.CountBy(each => each.Name).MaxBy(name => name.Value).Key;
                foreach (var (reading, name) in held.Where(each => each.Name != most))
                    reading.Differ(sequence, name, most);
                foreach (var (reading, _) in held.Where(each => each.Reading.Sequence == sequence))
                    await reading.NextAsync();
                compared(sequence);
            }
            return [.. readings.Select(reading => reading.Result)];
        }
        finally
        {
            foreach (var reading in readings)
                await reading.DisposeAsync();
        }
    }

    private sealed class ServerReading(string server, IAsyncEnumerator<(ulong Sequence, string Name)> names) : IAsyncDisposable
    {
        private ulong _last;

        public ServerCheck Result { get => field with { Last = _last }; private set; } = new(server, 0, 0, 0, "", "");

        public bool IsOver { get; private set; }

        public ulong Sequence => names.Current.Sequence;

        public string Name => names.Current.Name;

        public static async Task<ServerReading> BeginAsync(string server, IAsyncEnumerable<(ulong, string)> names)
        {
            var reading = new ServerReading(server, names.GetAsyncEnumerator());
            await reading.NextAsync();
            return reading;
        }

        public async Task NextAsync()
        {
            IsOver = !await names.MoveNextAsync();
            if (!IsOver)
                _last = Sequence;
        }

        public void Differ(ulong sequence, string name, string others) =>
            Result = Result.Differs == 0 ? Result with { Differs = 1, First = sequence, Holds = name, OthersHold = others } : Result with { Differs = Result.Differs + 1 };

        public ValueTask DisposeAsync() => names.DisposeAsync();
    }
}
