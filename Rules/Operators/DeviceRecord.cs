using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>The register's record of a device in a checkpoint. In bytes: as JSON, reading it took most of a restart.</summary>
internal static class DeviceRecord
{
    public static void Save(Device device, BinaryWriter into, SharedStringWriter shared)
    {
        into.Write(device.Id);
        shared.Write(device.Family);
        shared.Write(device.Model);
        shared.Write(device.Gateway);
        shared.Write(device.District);
        shared.Write(device.Street);
        into.WriteNullable(device.Latitude);
        into.WriteNullable(device.Longitude);
        shared.Write(device.Address);
        shared.Write(device.Parent);
        shared.Write(device.Heartbeat);
        shared.Write(device.State);
        shared.Write(device.StateUntil);
        shared.Write(device.StateReason);
        shared.Write(device.Exercise);
        Save(device.Settings, into, shared);
        Save(device.Links, into, shared);
        Save(device.Sensors, into, shared);
    }

    public static Device Load(BinaryReader from, SharedStringReader shared) => new()
    {
        Id = from.ReadString(),
        Family = shared.Read() ?? throw new InvalidDataException("a device of the checkpoint has no family"),
        Model = shared.Read(),
        Gateway = shared.Read(),
        District = shared.Read(),
        Street = shared.Read(),
        Latitude = from.ReadNullableDouble(),
        Longitude = from.ReadNullableDouble(),
        Address = shared.Read(),
        Parent = shared.Read(),
        Heartbeat = shared.Read(),
        State = shared.Read() ?? throw new InvalidDataException("a device of the checkpoint has no state"),
        StateUntil = shared.Read(),
        StateReason = shared.Read(),
        Exercise = shared.Read(),
        Settings = LoadWords(from, shared),
        Links = LoadWords(from, shared),
        Sensors = LoadWords(from, shared),
    };

    private static void Save(IReadOnlyDictionary<string, string> words, BinaryWriter into, SharedStringWriter shared)
    {
        into.Write7BitEncodedInt(words.Count);
        foreach (var (name, word) in words)
        {
            shared.Write(name);
            shared.Write(word);
        }
    }

    private static IReadOnlyDictionary<string, string> LoadWords(BinaryReader from, SharedStringReader shared)
    {
        var count = from.Read7BitEncodedInt();
        if (count == 0)
            return Device.None;
        var words = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var left = count; left > 0; left--)
            words[shared.Read()!] = shared.Read()!;
        return words;
    }
}
