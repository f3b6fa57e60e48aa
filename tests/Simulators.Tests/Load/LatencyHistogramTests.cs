using CsCheck;
using Telemetry.Simulators.Load;

namespace Telemetry.Simulators.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Any_share_is_within_a_32nd_of_the_sample_at_that_rank() =>
        Gen.Select(Gen.Long[0, 100_000_000].Array[1, 200], Gen.Double[0, 1]).Repeatably().Sample((micros, share) =>
        {
            var histogram = new LatencyHistogram();
            foreach (var one in micros)
                histogram.Add(TimeSpan.FromMicroseconds(one));
            var exact = micros.Order().ElementAt(Math.Max(1, (int)Math.Ceiling(share * micros.Length)) - 1) / 1000.0;
            Assert.InRange(histogram.Milliseconds(share), exact * 31 / 32, exact);
        });

    [Fact]
    public void Without_samples_it_says_0() => Assert.Equal(0, new LatencyHistogram().Milliseconds(0.99));
}
