using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

public class RegisterConflictsTests
{
    private readonly DeviceDirectory _directory = new();

    [Theory]
    [InlineData("B:w", "sensors.w")]
    [InlineData("B:W", "sensors.W")]
    [InlineData("B:a", "sensors.a")]
    [InlineData("w", "id")]
    [InlineData("W", "id")]
    public void What_a_registered_device_holds_nobody_else_gets(string device, string field)
    {
        _directory.Set(Of("A:w"));
        var (_, error) = Assert.Single(Check(device));
        Assert.Equal(field, error.Field);
        Assert.Contains("A", error.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("B:w C:W", 1)]
    [InlineData("B:w w", 0)]
    [InlineData("w B:w", 1)]
    public void Two_devices_of_one_list_cannot_hold_the_same(string devices, int index) => Assert.Equal(index, Assert.Single(Check(devices.Split(' '))).Index);

    [Theory]
    [InlineData("A:w")]
    [InlineData("A:w,x")]
    [InlineData("A B:w")]
    [InlineData("B:w A:x")]
    [InlineData("A:a")]
    [InlineData("a")]
    public void What_is_its_own_or_given_up_in_the_same_list_is_free(string devices)
    {
        _directory.Set(Of("A:w"));
        Assert.Empty(Check(devices.Split(' ')));
    }

    [Fact]
    public void A_device_that_nobody_has_entered_holds_nothing()
    {
        _directory.Set(Of("24E1") with { State = "provisional" });
        Assert.Empty(Check("A:24E1"));
    }

    [Fact]
    public void A_device_stays_in_its_family()
    {
        _directory.Set(Of("A"));
        var (_, error) = Assert.Single(new RegisterConflicts(_directory).Check([Of("A") with { Family = "tunnel" }]));
        Assert.Equal("family \"tunnel\": toilet, as A is registered (another family is another device, with another id), would be right", error.ToString());
    }

    private List<(int Index, DeviceError Error)> Check(params string[] devices) => [.. new RegisterConflicts(_directory).Check([.. devices.Select(Of)])];

    /// <summary><c>id</c> or <c>id:wireId,wireId</c>.</summary>
    private static Device Of(string text) => new()
    {
        Id = text.Split(':')[0],
        Family = "toilet",
        Sensors = text.Contains(':', StringComparison.Ordinal) ? text.Split(':')[1].Split(',').ToDictionary(wireId => wireId, _ => "") : [],
    };
}
