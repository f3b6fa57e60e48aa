using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// Why a message, one of its readings or one of its values was refused: the closed set behind dead letters, <c>rejected</c> in the
/// statistics and the metric's label. docs/payloads.md says of each what it costs and what would be right.
/// </summary>
public static class RejectReason
{
    /// <summary>The message: neither a reading's topic nor a gateway's status.</summary>
    public const string BadTopic = "bad_topic";

    /// <summary>The message: a gateway's status that is neither <c>online</c> nor <c>offline</c>.</summary>
    public const string BadStatus = "bad_status";

    /// <summary>The message: more than 1 MiB, or than its gateway may send.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The message: not JSON in UTF-8, or nested too deep. Or one element of an array that is not an object.</summary>
    public const string Malformed = "malformed";

    /// <summary>The message: no family of that name.</summary>
    public const string UnknownFamily = "unknown_family";

    /// <summary>The message: the device is registered under another family.</summary>
    public const string FamilyMismatch = "family_mismatch";

    /// <summary>The device's reading: it came through another gateway than the one behind which the register places it. With gateway credentials only.</summary>
    public const string ForeignDevice = "foreign_device";

    /// <summary>The message: of a device that nobody knows, through a gateway that has brought too many such. With gateway credentials only.</summary>
    public const string TooManyDevices = "too_many_devices";

    /// <summary>The message: an array longer than <see cref="NativeDecoder.MaxElements"/>.</summary>
    public const string TooManyElements = "too_many_elements";

    /// <summary>The reading: more than <see cref="NativeDecoder.MaxValues"/> values.</summary>
    public const string TooManyValues = "too_many_values";

    /// <summary>The reading (or a message that is an empty array): nothing in it.</summary>
    public const string NoValues = "no_values";

    /// <summary>The reading: a time that can't be understood.</summary>
    public const string BadTime = "bad_time";

    /// <summary>The sequence number alone; the reading goes on without one.</summary>
    public const string BadSequence = "bad_seq";

    /// <summary>The value: no such channel in the family.</summary>
    public const string UnknownChannel = "unknown_channel";

    /// <summary>The value, or its quality: not of its channel's type.</summary>
    public const string WrongType = "wrong_type";

    /// <summary>What one device said in a message of another format than the native one: nothing in the register reports under that name.</summary>
    public const string UnknownDevice = "unknown_device";

    /// <summary>A device's own bytes: its model has no codec, or none is known.</summary>
    public const string NoCodec = "no_codec";

    /// <summary>A device's own bytes: not what its model's codec expects.</summary>
    public const string BadFrame = "bad_frame";

    /// <summary>The value: its unit is not one of its channel's kind.</summary>
    public const string UnitMismatch = "unit_mismatch";

    /// <summary>The message, or the value: it means nothing before its sender's birth message. The sender is asked for that.</summary>
    public const string NoBirth = "no_birth";

    /// <summary>The message, or the value: well-formed, but a version, a field or a kind of value that nothing here reads.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>The value: it is measured from a setting of the device (its mounting height) that the register doesn't give.</summary>
    public const string MissingSetting = "missing_setting";

    /// <summary>The message: not under its gateway's own name. Counted only: it becomes no dead letter and is not acknowledged as stored.</summary>
    public const string NotAuthorized = "not_authorized";

    /// <summary>The value, by the rules and not by a decoder: its key came before with another one, which stands.</summary>
    public const string ConflictingDuplicate = DropDuplicates.Conflict;

    /// <summary>The line, by a database and not by a decoder: it will never take it.</summary>
    public const string StoreRefused = "store_refused";

    /// <summary>Those of dead letters of a decoder.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        BadTopic, BadStatus, TooLarge, Malformed, UnknownFamily, FamilyMismatch, ForeignDevice, TooManyDevices, TooManyElements, TooManyValues, NoValues, BadTime,
        BadSequence, UnknownChannel, WrongType, UnknownDevice, NoCodec, BadFrame, UnitMismatch, NoBirth, Unsupported, MissingSetting,
    ];
}
