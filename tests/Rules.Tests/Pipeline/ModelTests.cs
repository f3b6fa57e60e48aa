using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Whose limit holds: the device's before its model's before the family's.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump.Replace("settings:", "models:\n  small: {settings: {high: 150 cm}}\nsettings:", StringComparison.Ordinal));

    public void Dispose() => _timeline.Dispose();

    private static Device Station(string id, string? model, params (string Name, string Value)[] settings) => new()
    {
        Id = id, Family = "pump", Gateway = "gw", Model = model, Settings = new SortedDictionary<string, string>(settings.ToDictionary(one => one.Name, one => one.Value), StringComparer.Ordinal),
    };

    private string[] Raised(double level)
    {
        foreach (var at in (double[])[0, 20, 30])
        {
            foreach (var id in (string[])["plain", "other", "small", "own"])
                _timeline.At(at).Reading(id, FormattableString.Invariant($"level={level}"));
        }
        return [.. _timeline.Look().Select(line => line.Split(' ')[1])];
    }

    [Theory]
    [InlineData(1.5, "")]
    [InlineData(1.51, "small")]
    [InlineData(1.91, "small own")]
    [InlineData(2.21, "small plain other own")]      // small stands above its overflow already
    public void A_device_s_setting_goes_before_its_model_s_and_that_before_the_family_s(double level, string raised)
    {
        _timeline.Register(Station("plain", null)).Register(Station("other", "unheard of")).Register(Station("small", "small")).Register(Station("own", "small", ("high", "1.9")));
        Assert.Equal(raised.Split(' ', StringSplitOptions.RemoveEmptyEntries), Raised(level));
    }

    [Fact]
    public void A_device_that_turns_out_to_be_of_a_model_has_its_limits_from_then_on()
    {
        _timeline.Register(Station("plain", null)).Reading("plain", "level=1.6").At(10).Register(Station("plain", "small")).TicksTo(20).Reading("plain", "level=1.6").TicksTo(40).Reading("plain", "level=1.6");
        Assert.Equal(["00:40 plain level_high ActiveUnacknowledged High raised"], _timeline.Look());
    }
}
