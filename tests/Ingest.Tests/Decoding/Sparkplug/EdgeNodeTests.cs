using Google.Protobuf;
using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Sparkplug;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;
using PropertySet = Org.Eclipse.Tahu.Protobuf.Payload.Types.PropertySet;
using PropertyValue = Org.Eclipse.Tahu.Protobuf.Payload.Types.PropertyValue;

namespace Telemetry.Ingest.Tests.Decoding.Sparkplug;

/// <summary>Births, deaths and data of edge nodes and their devices; docs/sparkplug.md names the clause of each test.</summary>
public class EdgeNodeTests
{
    [Fact]
    public void A_birth_puts_the_node_online_under_a_name_of_its_own_and_is_its_first_reading()
    {
        var plant = new Plant();
        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.Online), plant.Birth());
        Assert.Equal("plant/edge 0 cpu=3 Good", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void The_death_of_the_session_that_was_born_makes_the_node_and_its_devices_stale_when_it_is_received()
    {
        var plant = new Plant();
        plant.Birth(session: 7);
        plant.Send("DBIRTH/edge/b", Plant.Of(1, Plant.Value("level", 1)));
        plant.Send("DBIRTH/edge/a", Plant.Of(2, Plant.Value("level", 2), Plant.Value("flow", 20)));
        plant.Send("DDATA/edge/a", Plant.Of(3, Plant.Value("level", 2.5)));
        plant.Now += 60_000;

        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.Offline), plant.Death(session: 7));
        Assert.Equal(
            ["plant/edge 60000 cpu=3 Stale", "plant/edge/a 60000 level=2.5 Stale, flow=20 Stale", "plant/edge/b 60000 level=1 Stale"],
            plant.Reports.Select(Plant.Text));
        Assert.All(plant.Reports.SelectMany(report => report.Fields), field => Assert.Equal("node dead", field.Why));
        // It is dead once.
        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.Offline), plant.Death(session: 7));
        Assert.Empty(plant.Reports);
    }

    [Theory]
    [InlineData(6UL)]
    [InlineData(null)]
    public void The_death_of_another_session_than_the_born_one_says_nothing(ulong? session)
    {
        var plant = new Plant();
        plant.Birth(session: 7);
        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.None), plant.Death(session));
        Assert.Empty(plant.Reports);
        plant.Send("NDATA/edge", Plant.Of(1, Plant.Value("cpu", 4)));
        Assert.Equal("plant/edge 0 cpu=4 Good", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void The_death_of_a_node_whose_birth_nobody_remembers_puts_it_offline()
    {
        var plant = new Plant();
        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.Offline), plant.Death());
        Assert.Empty(plant.Reports);
        Assert.Empty(plant.Asked);
    }

    [Fact]
    public void The_death_of_a_device_makes_it_stale_at_its_own_time_and_its_data_needs_a_birth_again()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Plant.Value("level", 1)));
        plant.Now += 5_000;
        var death = Plant.Of(2);
        death.Timestamp = Decoded.Received + 1_000;

        Assert.Equal(new DecodedMessage("plant::edge", GatewaySign.Reading), plant.Send("DDEATH/edge/a", death));
        Assert.Equal("plant/edge/a 1000 level=1 Stale", Plant.Text(Assert.Single(plant.Reports)));
        Assert.Equal(RejectReason.NoBirth, plant.Refused("DDATA/edge/a", Plant.Of(3, Plant.Value("level", 2))));
        Assert.Equal(["spBv1.0/plant/NCMD/edge"], plant.Asked);
    }

    [Theory]
    [InlineData("NDATA/edge")]
    [InlineData("DDATA/edge/a")]
    [InlineData("DBIRTH/edge/a")]
    [InlineData("DDEATH/edge/a")]
    public void What_comes_before_the_nodes_birth_waits_for_it(string topic)
    {
        var plant = new Plant();
        Assert.Equal(RejectReason.NoBirth, plant.Refused(topic, Plant.Of(1, Plant.Value("level", 1))));
        Assert.Equal(["spBv1.0/plant/NCMD/edge"], plant.Asked);
    }

    [Fact]
    public void A_new_birth_of_the_node_ends_what_its_devices_aliases_meant()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Plant.Value("level", 1, alias: 5)));
        plant.Birth();
        Assert.Equal(RejectReason.NoBirth, plant.Refused("DDATA/edge/a", Plant.Of(1, Plant.ByAlias(5, 2))));
        plant.Send("DBIRTH/edge/a", Plant.Of(2, Plant.Value("flow", 1, alias: 5)));
        plant.Send("DDATA/edge/a", Plant.Of(3, Plant.ByAlias(5, 2)));
        Assert.Equal("plant/edge/a 0 flow=2 Good", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void A_device_that_was_not_born_again_still_becomes_stale_with_its_node()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Plant.Value("level", 1)));
        plant.Birth(session: 2);
        plant.Death(session: 2);
        Assert.Contains("plant/edge/a 0 level=1 Stale", plant.Reports.Select(Plant.Text));
    }

    [Fact]
    public void A_metric_that_was_in_no_birth_is_refused_alone_and_its_node_asked()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(1, Plant.ByAlias(9, 1), Plant.Value("cpu", 4), Plant.Value("disk", 5)));
        var report = Assert.Single(plant.Reports);
        Assert.Equal("plant/edge 0 cpu=4 Good", Plant.Text(report));
        Assert.Equal([RejectReason.NoBirth, RejectReason.NoBirth], report.Refused.Select(refused => refused.Reason));
        Assert.Equal(["spBv1.0/plant/NCMD/edge"], plant.Asked);
    }

    [Fact]
    public void Backfill_is_read_at_its_time_and_is_not_what_becomes_stale()
    {
        var plant = new Plant();
        plant.Birth();
        var old = Plant.Value("cpu", 99, at: Decoded.Received - 3_600_000);
        old.IsHistorical = true;
        plant.Send("NDATA/edge", Plant.Of(1, old));
        Assert.Equal("plant/edge -3600000 cpu=99 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Death();
        Assert.Equal("plant/edge 0 cpu=3 Stale", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void A_value_that_became_null_is_the_last_one_and_bad()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("NDATA/edge", Plant.Of(1, new Metric { Name = "cpu", IsNull = true, Timestamp = Decoded.Received + 1 }));
        Assert.Equal("plant/edge 1 cpu=3 Bad", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void A_dead_letter_that_is_read_again_uses_the_birth_since_and_changes_nothing()
    {
        var plant = new Plant();
        var early = Plant.Of(9, Plant.ByAlias(5, 2));
        Assert.Equal(RejectReason.NoBirth, plant.Refused("DDATA/edge/a", early));
        Assert.Throws<MalformedMessageException>(() => plant.Again("DDATA/edge/a", early));
        plant.Birth(session: 7);
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Plant.Value("level", 1, alias: 5)));

        plant.Again("DDATA/edge/a", early);
        Assert.Equal("plant/edge/a 0 level=2 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Again("DDATA/edge/a", Plant.Of(9, Plant.ByAlias(6, 2)));
        Assert.Equal(RejectReason.NoBirth, Assert.Single(Assert.Single(plant.Reports).Refused).Reason);
        plant.Again("NBIRTH/edge", Plant.Of(200, Plant.Value("cpu", 50)));
        Assert.Equal("plant/edge 0 cpu=50 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Again("NDEATH/edge", Plant.Of(null));
        Assert.Empty(plant.Reports);

        plant.Send("DDATA/edge/a", Plant.Of(2, Plant.ByAlias(5, 3)));
        plant.Now += 10 * Plant.ReorderTimeout;
        Assert.Empty(plant.Asked);
        plant.Death(session: 7);
        Assert.Equal(["plant/edge 50000 cpu=3 Stale", "plant/edge/a 50000 level=3 Stale"], plant.Reports.Select(Plant.Text));
    }

    [Fact]
    public void Values_of_one_moment_are_one_reading_and_the_later_one_of_two_counts()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Plant.Value("level", 1), Plant.Value("flow", 2, at: Decoded.Received - 500)));
        Assert.Equal(["plant/edge/a 0 level=1 Good", "plant/edge/a -500 flow=2 Good"], plant.Reports.Select(Plant.Text));
        plant.Send("DDATA/edge/a", Plant.Of(2, Plant.Value("level", 3), Plant.Value("flow", 4), Plant.Value("level", 5)));
        Assert.Equal("plant/edge/a 0 level=5 Good, flow=4 Good", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Fact]
    public void A_device_of_many_metrics_makes_several_readings()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/plc", Plant.Of(1, [.. Enumerable.Range(0, 600).Select(i => Plant.Value($"tag{i}", i))]));
        Assert.Equal([256, 256, 88], plant.Reports.Select(report => report.Fields.Count));
    }

    [Fact]
    public void Nodes_and_metrics_are_bounded()
    {
        var plant = new Plant();
        Assert.Equal(RejectReason.TooManyElements, plant.Refused("NBIRTH/edge", Plant.Of(0, [.. Enumerable.Range(0, EdgeNode.MaxMetrics + 1).Select(i => Plant.Value($"tag{i}", i))])));
        plant.Birth();
        Assert.Equal(RejectReason.TooManyElements, plant.Refused("DBIRTH/edge/plc", Plant.Of(1, [.. Enumerable.Range(0, EdgeNode.MaxMetrics).Select(i => Plant.Value($"tag{i}", i))])));

        for (var i = 1; i < EdgeNodes.MaxNodes; i++)
            plant.Birth(node: $"n{i}");
        Assert.Equal(RejectReason.TooManyElements, plant.Refused("NBIRTH/late", Plant.Of(0)));
        plant.Death(node: "n5");
        Assert.Equal(GatewaySign.Online, plant.Birth(node: "late").Sign);
    }

    [Fact]
    public void Metrics_of_all_nodes_are_bounded_and_those_of_the_dead_are_forgotten()
    {
        var nodes = new EdgeNodes(maxMetrics: 20);
        Payload Birth(int sequence) => Plant.Of(sequence, [.. Enumerable.Range(0, 10).Select(i => Plant.Value($"tag{i}", i))]);
        void Take(string topic, Payload payload) => nodes.Take(SparkplugTopic.Parse("spBv1.0/plant/" + topic), payload, 0, []);
        Take("NBIRTH/a", Birth(0));
        Take("NBIRTH/a", Birth(0));
        Take("DBIRTH/a/x", Birth(1));
        Assert.Equal(RejectReason.TooManyElements, Assert.Throws<MalformedMessageException>(() => Take("NBIRTH/b", Birth(0))).Reason);
        Take("DDEATH/a/x", Plant.Of(2));
        Take("NBIRTH/b", Birth(0));
        Assert.Throws<MalformedMessageException>(() => Take("NBIRTH/c", Birth(0)));
        Take("NDEATH/b", Plant.Of(null));
        Take("NBIRTH/c", Birth(0));
    }

    [Fact]
    public void A_message_of_empty_metrics_costs_no_memory_to_refuse()
    {
        // 0x12 0x00: a metric in two bytes.
        var bytes = new byte[NativeDecoder.MaxPayload];
        for (var i = 0; i < bytes.Length; i += 2)
            bytes[i] = 0x12;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(RejectReason.TooManyElements, Assert.Throws<MalformedMessageException>(() => SparkplugPayload.Parse(bytes)).Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * bytes.Length);
    }

    [Fact]
    public void A_text_longer_than_a_metric_keeps_is_refused_by_name_and_forgotten()
    {
        var plant = new Plant();
        var longest = new string('a', KnownMetric.MaxText);
        plant.Send("NBIRTH/edge", Plant.Of(0, new Metric { Name = "note", Datatype = (uint)DataType.String, StringValue = longest }));
        Assert.Equal(longest, Assert.Single(Assert.Single(plant.Reports).Fields).Text);
        plant.Send("NDATA/edge", Plant.Of(1, new Metric { Name = "note", StringValue = longest + "a" }, Plant.Value("cpu", 1)));
        Assert.Equal([RejectReason.WrongType, RejectReason.NoBirth], plant.Reports.SelectMany(report => report.Refused).Select(refused => refused.Reason));
        Assert.Contains("metric note: a text of 257 characters", plant.Reports[0].Refused[0].What, StringComparison.Ordinal);
        plant.Death(session: null);
        Assert.Equal(longest, Assert.Single(Assert.Single(plant.Reports).Fields).Text);
    }

    [Fact]
    public void Of_an_endless_unit_no_more_is_kept_than_shows_that_it_is_none()
    {
        var plant = new Plant();
        var metric = Plant.Value("level", 1);
        metric.Properties = Properties("engUnit", new PropertyValue { StringValue = new string('m', 1 << 19) });
        plant.Send("NBIRTH/edge", Plant.Of(0, metric));
        plant.Send("NDATA/edge", Plant.Of(1, Plant.Value("level", 2)));
        Assert.Equal(new string('m', KnownMetric.MaxText) + "…", Assert.Single(Assert.Single(plant.Reports).Fields).Unit);
    }

    [Fact]
    public void A_template_that_is_named_by_its_alias_is_the_one_of_the_birth()
    {
        var plant = new Plant();
        plant.Birth();
        plant.Send("DBIRTH/edge/a", Plant.Of(1, Template("pump", 7, Plant.Value("level", 1, alias: 8), Template("motor", 9, Plant.Value("speed", 3)))));
        Assert.Equal("plant/edge/a 0 pump/level=1 Good, pump/motor/speed=3 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Send("DDATA/edge/a", Plant.Of(2, Template(null, 7, Plant.ByAlias(8, 2), Template(null, 9, Plant.Value("speed", 4)))));
        Assert.Equal("plant/edge/a 0 pump/level=2 Good, pump/motor/speed=4 Good", Plant.Text(Assert.Single(plant.Reports)));
        plant.Send("DDATA/edge/a", Plant.Of(3, Template(null, 9, Plant.Value("speed", 5))));
        Assert.Equal("plant/edge/a 0 pump/motor/speed=5 Good", Plant.Text(Assert.Single(plant.Reports)));
        Assert.Empty(plant.Asked);
        plant.Send("DDATA/edge/a", Plant.Of(4, Template(null, 10, Plant.Value("speed", 5))));
        Assert.Equal(RejectReason.NoBirth, Assert.Single(Assert.Single(plant.Reports).Refused).Reason);
        Assert.Single(plant.Asked);
    }

    [Fact]
    public void Templates_with_an_alias_are_bounded_with_the_metrics()
    {
        var plant = new Plant();
        Assert.Equal(RejectReason.TooManyElements, plant.Refused("NBIRTH/edge", Plant.Of(0, [.. Enumerable.Range(0, EdgeNode.MaxMetrics + 1).Select(i => Template($"t{i}", (ulong)i))])));
    }

    [Theory]
    [InlineData("""{"intValue": 192}""", "Good")]
    [InlineData("""{"longValue": "192"}""", "Good")]
    [InlineData("""{"longValue": "0"}""", "Bad")]
    [InlineData("""{"longValue": "500"}""", "Stale")]
    [InlineData("""{"longValue": "4294967488"}""", "Uncertain")]
    [InlineData("""{"stringValue": "Good"}""", "Uncertain")]
    [InlineData("""{"doubleValue": 192}""", "Uncertain")]
    [InlineData("""{"isNull": true}""", "Good")]
    public void A_quality_is_read_in_the_type_in_which_it_was_sent(string quality, string expected)
    {
        var plant = new Plant();
        var metric = Plant.Value("cpu", 3);
        metric.Properties = Properties("Quality", JsonParser.Default.Parse<PropertyValue>(quality));
        plant.Send("NBIRTH/edge", Plant.Of(0, metric));
        Assert.Equal($"plant/edge 0 cpu=3 {expected}", Plant.Text(Assert.Single(plant.Reports)));
    }

    [Theory]
    [InlineData((int)DataType.Int8, 0xFFFFFFFE, -2)]
    [InlineData((int)DataType.Int8, 0xFE, -2)]
    [InlineData((int)DataType.Int16, 0xFFFE, -2)]
    [InlineData((int)DataType.Int32, 0xFFFFFFFE, -2)]
    [InlineData((int)DataType.Uint8, 0xFE, 254)]
    [InlineData((int)DataType.Uint32, 0xFFFFFFFE, 4294967294)]
    public void Whole_numbers_are_read_in_their_types_width(int type, uint sent, double value)
    {
        var plant = new Plant();
        plant.Send("NBIRTH/edge", Plant.Of(0, new Metric { Name = "n", Datatype = (uint)type, IntValue = sent }));
        Assert.Equal(value, Assert.Single(Assert.Single(plant.Reports).Fields).Number);
        // Data does not say it again.
        plant.Send("NDATA/edge", Plant.Of(1, new Metric { Name = "n", IntValue = sent }));
        Assert.Equal(value, Assert.Single(Assert.Single(plant.Reports).Fields).Number);
    }

    private static Metric Template(string? name, ulong alias, params Metric[] members)
    {
        var metric = new Metric { Alias = alias, Datatype = (uint)DataType.Template, TemplateValue = new() { Metrics = { members } } };
        if (name is not null)
            metric.Name = name;
        return metric;
    }

    private static PropertySet Properties(string key, PropertyValue value) => new() { Keys = { key }, Values = { value } };
}
