using CsCheck;
using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Sparkplug;

namespace Telemetry.Ingest.Tests.Decoding.Sparkplug;

/// <summary>The order of a node's messages, and when it is asked for its birth.</summary>
public class SequenceTests
{
    [Fact]
    public void In_order_through_255_and_0_nothing_is_missing()
    {
        var plant = new Plant();
        plant.Birth(sequence: 250);
        for (var i = 251; i < 800; i++)
            plant.Send("NDATA/edge", Plant.Of(i % 256, Plant.Value("cpu", i)));
        plant.Now += 10 * Plant.ReorderTimeout;
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void A_missing_message_has_the_time_out_to_come_and_what_overtook_it_is_read_at_once()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(1, Plant.Value("cpu", 1)));
        plant.Send("NDATA/edge", Plant.Of(3, Plant.Value("cpu", 3)));
        Assert.Equal("plant/edge 0 cpu=3 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Now += Plant.ReorderTimeout - 1;
        Assert.Empty(plant.Asked);
        plant.Now += 1;
        Assert.Equal(["spBv1.0/plant/NCMD/edge"], plant.Asked);
    }

    [Fact]
    public void A_message_that_comes_in_time_ends_the_time_out()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(2, Plant.Value("cpu", 2)));
        plant.Send("NDATA/edge", Plant.Of(3, Plant.Value("cpu", 3)));
        plant.Now += Plant.ReorderTimeout - 1;
        plant.Send("NDATA/edge", Plant.Of(1, Plant.Value("cpu", 1)));
        plant.Now += 10 * Plant.ReorderTimeout;
        plant.Send("NDATA/edge", Plant.Of(4, Plant.Value("cpu", 4)));
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void A_second_gap_has_a_time_out_of_its_own()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(2));
        plant.Now += Plant.ReorderTimeout - 1;
        plant.Send("NDATA/edge", Plant.Of(1));
        plant.Send("NDATA/edge", Plant.Of(4));
        plant.Now += Plant.ReorderTimeout - 1;
        Assert.Empty(plant.Asked);
        plant.Now += 1;
        Assert.Single(plant.Asked);
    }

    [Fact]
    public void A_node_is_asked_again_while_it_sends_without_a_birth_but_not_more_often_than_every_ten_seconds()
    {
        var plant = new Plant();
        var asked = 0;
        for (var second = 0; second < 60; second++)
        {
            Assert.Equal(RejectReason.NoBirth, plant.Refused("DDATA/edge/a", Plant.Of(second)));
            asked += plant.Asked.Count;
            plant.Now += 1_000;
        }
        Assert.Equal(6, asked);
        plant.Birth();
        plant.Now += 60_000;
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void After_a_lost_message_its_node_is_asked_until_it_is_born_again_and_is_read_all_the_while()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(2));
        plant.Now += Plant.ReorderTimeout;
        Assert.Single(plant.Asked);
        plant.Now += RebirthNeed.Interval;
        Assert.Empty(plant.Asked);
        plant.Send("NDATA/edge", Plant.Of(3, Plant.Value("cpu", 5)));
        Assert.Equal("plant/edge 0 cpu=5 Good", Plant.Text(Assert.Single(plant.Reports)));
        Assert.Single(plant.Asked);
        plant.Birth(sequence: 77);
        plant.Send("NDATA/edge", Plant.Of(78));
        plant.Now += RebirthNeed.Interval;
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void A_dead_node_is_asked_for_nothing()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(2));
        plant.Death();
        plant.Now += 10 * Plant.ReorderTimeout;
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void Nodes_are_asked_each_for_themselves()
    {
        var plant = new Plant();
        plant.Refused("NDATA/b", Plant.Of(1));
        plant.Refused("NDATA/a", Plant.Of(1));
        Assert.Equal(["spBv1.0/plant/NCMD/b", "spBv1.0/plant/NCMD/a"], plant.Asked);
        Assert.Empty(plant.Asked);
    }

    private static readonly string[] Topics = ["NBIRTH/edge", "DBIRTH/edge/valve", "NDATA/edge", "DDATA/edge/valve", "DDEATH/edge/valve", "NDEATH/edge", "NCMD/edge", "DCMD/edge/valve"];

    /// <summary>The service commands nothing. Random messages of nodes that offer every command there is.</summary>
    [Fact]
    public void Whatever_nodes_say_nothing_but_births_is_asked_of_them() =>
        Gen.Select(Gen.Int[0, Topics.Length - 1].Select(index => Topics[index]), Gen.Int[0, 255], Gen.Int[0, 8_000])
            .Array[1, 40].Repeatably().Sample(messages =>
        {
            var plant = new Plant();
            var asked = new List<RebirthRequest>();
            foreach (var (topic, sequence, later) in messages)
            {
                plant.Now += later;
                try
                {
                    plant.Send(topic, Plant.Of(sequence, Plant.Value("Node Control/Reboot", 1), Plant.Value("Device Control/Open", 1), Plant.Value("position", sequence)));
                }
                catch (MalformedMessageException)
                {
                }
                asked.AddRange(plant.Nodes.TakeDue(plant.Now, Plant.ReorderTimeout));
            }
            return asked.TrueForAll(request => request.Topic == "spBv1.0/plant/NCMD/edge"
                && Payload.Parser.ParseFrom(request.Payload.Span).Metrics is [{ Name: "Node Control/Rebirth", BooleanValue: true }]);
        });

    /// <summary>Messages shuffled within a window, each once, some twice: once all are there, nothing is missing.</summary>
    [Fact]
    public void Whatever_the_order_of_messages_that_all_came_nothing_is_missing() =>
        Gen.Select(Gen.Int[0, 255], Gen.Int[0, 600], Gen.Int[0, 12].Array[600]).Repeatably().Sample((first, count, delays) =>
        {
            var watch = new SequenceWatch();
            watch.Begin(first);
            var order = Enumerable.Range(0, count).OrderBy(i => i + delays[i]).ThenBy(i => i);
            foreach (var i in order)
            {
                watch.Take((first + 1 + i) % SequenceWatch.Count, 0);
                if (delays[i] == 3)
                    watch.Take((first + 1 + i) % SequenceWatch.Count, 0);
            }
            return watch.GapSince is null;
        });

    [Fact]
    public void One_message_that_never_came_is_missing_whichever_it_was() =>
        Gen.Select(Gen.Int[0, 255], Gen.Int[1, 200]).Repeatably().Sample((first, missing) =>
        {
            var watch = new SequenceWatch();
            watch.Begin(first);
            for (var i = 1; i <= missing + 20; i++)
            {
                if (i != missing)
                    watch.Take((first + i) % SequenceWatch.Count, i);
            }
            return watch.GapSince == missing + 1;
        });
}
