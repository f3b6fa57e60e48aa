using Telemetry.Rules.Operators;
using Telemetry.Ingest.Store;
using static Telemetry.Rules.Operators.ValueVerdict;

namespace Telemetry.Ingest.Tests.Store;

public class VerdictsTests
{
    [Fact]
    public void A_position_that_is_not_named_is_accepted_whole()
    {
        var verdicts = new Verdicts();
        verdicts.Add(3, [Drop, Accept]);
        verdicts.Add(7, [LookUp]);
        Assert.Null(verdicts.At(2));
        Assert.Equal([Drop, Accept], verdicts.At(3)!);
        Assert.Null(verdicts.At(5));
        Assert.Equal([LookUp], verdicts.At(7)!);
        Assert.Null(verdicts.At(8));
    }

    [Fact]
    public void Runs_of_dropped_readings_share_one_array()
    {
        var verdicts = new Verdicts();
        verdicts.Add(1, [Drop, Drop]);
        verdicts.Add(2, [Drop, Drop]);
        Assert.Same(verdicts.At(1), verdicts.At(2));
    }

    [Fact]
    public void What_all_stores_hold_is_forgotten_and_the_rest_kept()
    {
        var verdicts = new Verdicts();
        for (var position = 1; position <= 10_000; position++)
            verdicts.Add(position, position % 2 == 0 ? [Drop] : [LookUp]);
        verdicts.Forget(6_001);
        Assert.Equal(6_001, verdicts.Forgotten);
        Assert.Null(verdicts.At(6_001));
        Assert.Equal([Drop], verdicts.At(6_002)!);
        Assert.Equal([Drop], verdicts.At(10_000)!);
    }

    [Fact]
    public void A_replay_adds_nothing_that_is_kept_or_forgotten_already()
    {
        var verdicts = new Verdicts();
        verdicts.Add(5, [Drop]);
        verdicts.Add(9, [Drop]);
        verdicts.Forget(5);
        verdicts.Add(5, [LookUp]);
        verdicts.Add(9, [LookUp]);
        Assert.Null(verdicts.At(5));
        Assert.Equal([Drop], verdicts.At(9)!);
    }

    [Fact]
    public void A_checkpoint_brings_back_what_is_not_forgotten()
    {
        var verdicts = new Verdicts();
        verdicts.Add(2, [Drop]);
        verdicts.Add(3, [Drop, LookUp, Accept]);
        verdicts.Add(900, [Drop]);
        verdicts.Forget(2);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            verdicts.Save(writer);

        stream.Position = 0;
        var loaded = new Verdicts();
        using var reader = new BinaryReader(stream);
        loaded.Load(reader);
        Assert.Equal(2, loaded.Forgotten);
        Assert.Equal([Drop, LookUp, Accept], loaded.At(3)!);
        Assert.Equal([Drop], loaded.At(900)!);
        Assert.Equal(stream.Length, stream.Position);
    }
}
