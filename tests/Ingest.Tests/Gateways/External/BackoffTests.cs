using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Tests.Gateways.External;

public class BackoffTests
{
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(4, 0, 8)]
    [InlineData(6, 0, 30)]
    [InlineData(1_000_000, 0, 30)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(4, 0.5, 6)]
    [InlineData(100, 1, 15)]
    public void The_wait_doubles_up_to_30_s_and_is_shortened_by_up_to_a_half(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(failures, random).TotalSeconds);
}
