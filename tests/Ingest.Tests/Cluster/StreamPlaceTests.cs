using CsCheck;
using Telemetry.Ingest.Cluster;

namespace Telemetry.Ingest.Tests.Cluster;

public sealed class StreamPlaceTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static readonly Gen<(ulong Run, bool Again, long Time, int Count, long Stored)[]> Messages =
        Gen.Select(Gen.ULong[1, 3], Gen.Bool, Gen.Long[1_000_000, 1_100_000], Gen.Int[1, 5], Gen.Long[1_000_000, 1_100_000]).Array[1, 100];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_is_a_function_of_the_messages_wherever_it_was_stored_in_between() => Messages.Repeatably().Sample(messages =>
    {
        var (straight, stored) = (new StreamPlace { Created = "now" }, new StreamPlace { Created = "now" });
        var sent = new Dictionary<ulong, long>();
        var (sequence, position, time) = (0UL, 0L, 0L);
        foreach (var each in messages)
        {
            // A second try bears the number of the first one.
            var again = each.Again && sent.ContainsKey(each.Run);
            var number = again ? sent[each.Run] : sent[each.Run] = sent.GetValueOrDefault(each.Run) + 1;
            var message = new StreamMessage(each.Run, number, each.Time, each.Count);
            sequence++;
            Assert.Equal(!again, straight.Take(sequence, message, each.Stored));
            Assert.Equal(!again, stored.Take(sequence, message, each.Stored));
            position += again ? 0 : each.Count;
            Assert.Equal((sequence, position), (straight.Sequence, straight.Position));
            Assert.True(straight.Time >= time && (straight.Time <= each.Stored + 5_000 || straight.Time == time));
            time = straight.Time;
            stored.Save(_directory.File("stream"));
            stored = StreamPlace.Load(_directory.File("stream"))!;
            Assert.Equal(("now", straight.Sequence, straight.Position, straight.Time), (stored.Created, stored.Sequence, stored.Position, stored.Time));
        }
    }, iter: 20, threads: 1);

    [Fact]
    public void Log_time_goes_in_steps_that_let_a_node_catch_up_in_groups_and_no_further_ahead_than_five_seconds()
    {
        var place = new StreamPlace();
        long Next(long number, long time, long stored)
        {
            place.Take((ulong)number, new StreamMessage(1, number, time, 1), stored);
            return place.Time;
        }

        Assert.Equal(10_000, Next(1, 10_000, 10_000));
        Assert.Equal(10_000, Next(2, 10_019, 10_019));
        Assert.Equal(10_020, Next(3, 10_020, 10_020));
        Assert.Equal(10_020, Next(4, 9_000, 10_021));
        Assert.Equal(16_000, Next(5, 99_000, 11_000));
        Assert.Equal(16_000, Next(6, 11_500, 11_500));
    }

    [Fact]
    public void A_damaged_file_is_none()
    {
        var path = _directory.File("stream");
        Assert.Null(StreamPlace.Load(path));
        new StreamPlace { Created = "now" }.Save(path);
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Null(StreamPlace.Load(path));
        File.WriteAllBytes(path, []);
        Assert.Null(StreamPlace.Load(path));
    }
}
