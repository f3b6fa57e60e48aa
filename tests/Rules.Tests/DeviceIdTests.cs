using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests;

public class DeviceIdTests
{
    [Theory]
    [InlineData("MH-0001", true)]
    [InlineData("a.b:c_d-9", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("井盖1", false)]
    public void An_id_is_1_to_64_of_the_allowed_characters(string id, bool valid) => Assert.Equal(valid, DeviceId.IsValid(id));

    [Fact]
    public void An_id_of_64_is_valid_and_of_65_is_not()
    {
        Assert.True(DeviceId.IsValid(new string('x', 64)));
        Assert.False(DeviceId.IsValid(new string('x', 65)));
    }
}
