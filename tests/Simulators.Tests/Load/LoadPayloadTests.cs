using System.Text;
using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.Simulators.Tests.Load;

public sealed class LoadPayloadTests
{
    [Fact]
    public void One_reading_is_an_object_with_time_sequence_and_value() =>
        Assert.Equal("""{"ts":1732440000123,"seq":1034,"values":{"sump_level":1.034}}""", Write(batch: 1, channels: 1));

    [Fact]
    public void Several_readings_are_an_array_a_millisecond_and_a_sequence_number_apart() =>
        Assert.Equal(
            """[{"ts":1732440000122,"seq":1034,"values":{"sump_level":1.034}},{"ts":1732440000123,"seq":1035,"values":{"sump_level":1.035}}]""",
            Write(batch: 2, channels: 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(LoadPayload.MostChannels)]
    public void A_reading_carries_as_many_values_as_channels_were_asked_for(int channels)
    {
        using var json = JsonDocument.Parse(Write(batch: 1, channels));
        Assert.Equal(channels, json.RootElement.GetProperty("values").EnumerateObject().Count());
    }

    [Fact]
    public void Six_channels_make_about_200_bytes() => Assert.InRange(Write(batch: 1, channels: 6).Length, 170, 220);

    private static string Write(int batch, int channels)
    {
        var payload = new LoadPayload(channels);
        var bytes = new byte[payload.MostBytes(batch)];
        return Encoding.UTF8.GetString(bytes, 0, payload.Write(bytes, 0, 1732440000123, 1034, batch));
    }
}
