using Telemetry.Ingest.Backtest;

namespace Telemetry.Ingest.Tests.Backtest;

public class ReadAheadTests
{
    [Fact]
    public void All_of_it_comes_in_order() => Assert.Equal(Enumerable.Range(0, 1000), ReadAhead.Of(Enumerable.Range(0, 1000), CancellationToken.None));

    [Fact]
    public void What_reading_throws_comes_behind_what_was_read_before()
    {
        var read = new List<int>();

        var error = Assert.Throws<InvalidDataException>(() => read.AddRange(ReadAhead.Of(Damaged(), CancellationToken.None)));

        Assert.Equal("damaged", error.Message);
        Assert.Equal([1, 2], read);

        static IEnumerable<int> Damaged()
        {
            yield return 1;
            yield return 2;
            throw new InvalidDataException("damaged");
        }
    }

    [Fact]
    public void Whoever_stops_early_has_nothing_left_that_reads()
    {
        var isOver = false;

        Assert.Equal([0, 1, 2], ReadAhead.Of(Endless(), CancellationToken.None).Take(3));

        Assert.True(isOver);

        IEnumerable<int> Endless()
        {
            try
            {
                for (var i = 0; ; i++)
                    yield return i;
            }
            finally
            {
                isOver = true;
            }
        }
    }

    [Fact]
    public void Cancelled_it_ends()
    {
        using var cancelled = new CancellationTokenSource();
        using var entries = ReadAhead.Of(Enumerable.Repeat(1, int.MaxValue), cancelled.Token).GetEnumerator();
        Assert.True(entries.MoveNext());

        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
        {
            while (entries.MoveNext())
            {
            }
        });
    }
}
