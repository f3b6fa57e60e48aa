using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>District, street, device: the choices of a dashboard, each within the one before, and the condition that they make.</summary>
internal sealed record Places(IReadOnlyList<Variable> Variables)
{
    private static readonly Title DistrictLabel = new("District", "区县"), StreetLabel = new("Street", "街道"), DeviceLabel = new("Device", "设备");

    /// <summary>The chosen device. Ids are unique in the city: where it stands does not matter, nor where it stood before.</summary>
    public string Device => Condition(Variables.Single(variable => variable.Name == "device"));

    /// <summary>The chosen districts and streets.</summary>
    public string Around => string.Join(" AND ", Variables.Where(variable => variable.Name != "device").Select(Condition));

    /// <summary>The chosen districts alone, for what is not kept by street.</summary>
    public string Districts => Condition(Variables[0]);

    /// <summary>One district.</summary>
    public static Places OneDistrict(string measurement) => new([new Variable("district", DistrictLabel, measurement, "")]);

    /// <summary>One street of one district.</summary>
    public static Places OneStreet(string measurement)
    {
        var district = new Variable("district", DistrictLabel, measurement, "");
        return new([district, new Variable("street", StreetLabel, measurement, Condition(district))]);
    }

    /// <summary>Districts and streets, all at first.</summary>
    public static Places Streets(string measurement)
    {
        var district = new Variable("district", DistrictLabel, measurement, "") { Many = true };
        return new([district, new Variable("street", StreetLabel, measurement, Condition(district)) { Many = true }]);
    }

    /// <summary>Districts and streets, all at first, and one device in them.</summary>
    public static Places OneDevice(string measurement)
    {
        var streets = Streets(measurement);
        return new([.. streets.Variables, new Variable("device", DeviceLabel, measurement, streets.Around)]);
    }

    private static string Condition(Variable variable) =>
        variable.Many ? $"\"{variable.Name}\" =~ /^${{{variable.Name}:regex}}$/" : $"\"{variable.Name}\" = '${variable.Name}'";
}
