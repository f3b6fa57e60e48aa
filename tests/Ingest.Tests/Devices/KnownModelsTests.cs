using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

/// <summary>A sensor's model is one that there is, with channels for the device's family.</summary>
public class KnownModelsTests
{
    private static readonly DeviceValidator Validator =
        new(new FamilyCatalog(Telemetry.Rules.Families.FamilySet.Shipped().All), new KnownModels(ModelSet.Load([], null).Models!).Problem);

    [Theory]
    [InlineData("manhole_cover", "milesight-em500-swl", null)]
    [InlineData("manhole_cover", "", null)]
    [InlineData("public_toilet", "milesight-vs330 5", null)]
    [InlineData("manhole_cover", "milesight-em500swl", "a sensor model that there is; did you mean 'milesight-em500-swl'? (its file belongs into Models:Path first)")]
    [InlineData("public_toilet", "milesight-em500-swl", "a model with channels for public_toilet (milesight-em500-swl has manhole_cover, drainage_pump, tunnel)")]
    [InlineData("gas_valve", "milesight", "a model with channels for gas_valve (milesight has none at all)")]
    public void A_model_that_can_say_nothing_is_refused(string family, string model, string? expected)
    {
        var device = new Device { Id = "D-1", Family = family, Sensors = new Dictionary<string, string> { ["24E1"] = model } };
        Assert.Equal(expected is null ? [] : [new DeviceError("sensors.24E1", model, expected)], Validator.Validate(device));
    }
}
