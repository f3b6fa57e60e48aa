using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>What one device said at one moment, in the sender's own words: what a format makes of a message, before the register and the device's model say what it means.</summary>
internal sealed class Report
{
    /// <summary>The name that the device has on the wire: devEui, IMEI, MN, SenML base name. 1 to 128 printable ASCII characters without spaces.</summary>
    public required string WireId { get; init; }

    /// <summary>What the sender calls the product (CTWing productId, ChirpStack device profile); null where it says nothing.</summary>
    public string? Product { get; init; }

    /// <summary>Unix ms as sent, part of the duplicate key; null where the message has no time.</summary>
    public long? Time { get; set; }

    /// <summary>The sender's own counter (a LoRaWAN frame counter); null without one.</summary>
    public long? Sequence { get; init; }

    public List<Field> Fields { get; init; } = [];

    /// <summary>The device's own bytes, for its model's codec; null where the format itself names the fields.</summary>
    public byte[]? Frame { get; init; }

    /// <summary>LoRaWAN's port; null elsewhere.</summary>
    public int? Port { get; set; }

    /// <summary>Fields that could not be read: reason (<see cref="RejectReason"/>) and, for a person, what and what would be right.</summary>
    public List<(string Reason, string What)> Refused { get; init; } = [];
}

/// <summary>One named value as the sender has it.</summary>
/// <param name="Name">The sender's name of it: <c>level</c>, <c>valve_state</c>, <c>w00000-Rtd</c>.</param>
/// <param name="Number">The number; 0 or 1 for a boolean.</param>
/// <param name="Text">For a text alone.</param>
/// <param name="Unit">UCUM, where the message says one.</param>
/// <param name="Quality">What the sender, or the codec, says of it.</param>
/// <param name="Why">The reason of a quality below good, one word or two for a person: <c>sensor fault</c>.</param>
internal readonly record struct Field(string Name, FieldKind Kind, double Number, string? Text = null, string? Unit = null, Quality Quality = Quality.Good, string? Why = null)
{
    public static Field Of(string name, double number, string? unit = null) => new(name, FieldKind.Number, number, Unit: unit);

    public static Field Of(string name, bool flag) => new(name, FieldKind.Boolean, flag ? 1 : 0);

    public static Field Of(string name, string text) => new(name, FieldKind.Text, 0, text);
}

internal enum FieldKind : byte
{
    Number,
    Boolean,
    Text,
}
