using System.Collections.Concurrent;

namespace Telemetry.Ingest.Backtest;

/// <summary>What takes time to be read is read by a thread of its own, a little ahead of what works on it.</summary>
internal static class ReadAhead
{
    // What is read and not yet played outlives collections, which copy it: few.
    private const int Most = 4;

    /// <returns>The same, in the same order. What reading throws is thrown where it was to be given.</returns>
    public static IEnumerable<T> Of<T>(IEnumerable<T> source, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var read = new BlockingCollection<T>(Most);
        var reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var one in read.GetConsumingEnumerable(cancellationToken))
                yield return one;
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            over.Cancel();
            // It uses what is disposed here. What it threw has been thrown above, or nobody wants it any more.
            Task.WaitAny([reading], CancellationToken.None);
        }

        void Read()
        {
            try
            {
                foreach (var one in source)
                    read.Add(one, over.Token);
            }
            finally
            {
                read.CompleteAdding();
            }
        }
    }
}
