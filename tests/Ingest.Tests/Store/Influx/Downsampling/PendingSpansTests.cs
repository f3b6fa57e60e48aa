using CsCheck;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx.Downsampling;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx.Downsampling;

public class PendingSpansTests
{
    private const long Minute = 60_000;

    [Fact]
    public void Whatever_is_added_and_taken_no_minute_is_lost_and_there_are_never_too_many_spans() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 2000], Gen.Int[1, 30]).Array[0, 400].Repeatably().Sample(steps =>
        {
            var (list, model) = (new SpanList(), new HashSet<long>());
            foreach (var (take, at, length) in steps)
            {
                if (!take)
                {
                    list.Add(new MinuteSpan(at, at + length));
                    model.UnionWith(Enumerable.Range(at, length).Select(minute => (long)minute));
                }
                else if (list.TakeNewest(at, length) is { } taken)
                {
                    Assert.InRange(taken.To - taken.From, 1, length);
                    Assert.True(taken.To <= at);
                    Assert.DoesNotContain(model, minute => minute >= taken.To && minute < at);
                    model.RemoveWhere(minute => minute >= taken.From && minute < taken.To);
                }
                Assert.InRange(list.Spans.Count, 0, SpanList.Most);
                Assert.All(list.Spans, span => Assert.True(span.From < span.To));
                Assert.All(list.Spans.Zip(list.Spans.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From || take));
                Assert.All(model, minute => Assert.Contains(list.Spans, span => span.From <= minute && minute < span.To));
            }
        });

    [Fact]
    public void Few_spans_name_exactly_what_was_added()
    {
        var list = new SpanList();
        foreach (var at in (int[])[50, 10, 30, 31, 9, 12, 11])
            list.Add(new MinuteSpan(at, at + 1));
        Assert.Equal([new(9, 13), new(30, 32), new(50, 51)], list.Spans);
    }

    [Fact]
    public void Beyond_the_bound_the_smallest_gap_is_closed()
    {
        var list = new SpanList();
        for (var i = 0; i < SpanList.Most; i++)
            list.Add(new MinuteSpan(i * 10, (i * 10) + 1));
        list.Add(new MinuteSpan(305, 306));
        Assert.Equal(SpanList.Most, list.Spans.Count);
        Assert.Contains(new MinuteSpan(300, 306), list.Spans);
    }

    [Fact]
    public void What_is_being_summarized_is_in_the_text_until_it_is_done_and_then_its_hour_is()
    {
        var pending = new PendingSpans();
        pending.Touch([At(125 * Minute), At((126 * Minute) + 1), At(300 * Minute, "tunnel")]);
        Assert.Equal("1m/drainage_pump/125-127;1m/tunnel/300-301", pending.Text);

        Assert.Equal(new MinuteSpan(125, 127), pending.Take(Resolution.Minute, "drainage_pump", 127, 60));
        Assert.Contains("1m/drainage_pump/125-127", pending.Text, StringComparison.Ordinal);
        pending.Done();
        Assert.StartsWith("1h/drainage_pump/120-180;1m/tunnel", pending.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_summarized_waits_again_together_with_what_came_meanwhile()
    {
        var pending = new PendingSpans();
        pending.Touch([At(125 * Minute)]);
        pending.Take(Resolution.Minute, "drainage_pump", 200, 60);
        pending.Touch([At(126 * Minute)]);
        pending.GiveBack();
        Assert.Equal("1m/drainage_pump/125-127", pending.Text);
        Assert.Equal(2, pending.Waiting);
    }

    [Fact]
    public void The_text_is_taken_up_again()
    {
        const string text = "1h/tunnel/120-180;1m/drainage_pump/125-127,130-131";
        var pending = new PendingSpans();
        pending.Load(text);
        Assert.Equal(text, pending.Text);
        Assert.False(pending.IsEverything);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("all")]
    [InlineData("1m/drainage_pump/125")]
    [InlineData("1m/drainage_pump/127-125")]
    [InlineData("5m/drainage_pump/125-127")]
    public void A_text_that_says_nothing_means_everything(string? text)
    {
        var pending = new PendingSpans();
        pending.Load(text);
        Assert.True(pending.IsEverything);
        Assert.Equal("all", pending.Text);
    }

    private static Point At(long time, string family = "drainage_pump") => new(family, "D-1", "level", time, time, ValueKind.Number, 1, null, Quality.Good, null);
}
