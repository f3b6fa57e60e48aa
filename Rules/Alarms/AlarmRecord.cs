using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>An alarm in a checkpoint. In bytes: as JSON, reading them took most of a restart of a city in which many stand.</summary>
internal static class AlarmRecord
{
    public static void Save(Alarm alarm, BinaryWriter into, SharedStringWriter shared)
    {
        into.Write(alarm.Id);
        into.Write(alarm.Device);
        shared.Write(alarm.Family);
        shared.Write(alarm.District);
        shared.Write(alarm.Street);
        shared.Write(alarm.Rule);
        shared.Write(alarm.Instance);
        into.Write((byte)alarm.Kind);
        into.Write((byte)alarm.Severity);
        into.Write((byte)alarm.State);
        into.Write(alarm.Beneath is { } beneath ? (byte)(beneath + 1) : (byte)0);
        into.Write(alarm.Step);
        into.Write(alarm.Latches);
        into.Write(alarm.Overlay is not null);
        if (alarm.Overlay is { } overlay)
            Save(overlay, into, shared);
        shared.Write(alarm.SuppressedBy);
        shared.Write(alarm.Mode);
        into.WriteNullable(alarm.AnnouncedAt);
        into.WriteNullable(alarm.SoundedAt);
        into.Write(alarm.RaisedAt);
        into.Write(alarm.RaisedReceivedAt);
        into.WriteNullable(alarm.AcknowledgedAt);
        shared.Write(alarm.AcknowledgedBy);
        into.WriteNullable(alarm.ClearedAt);
        into.Write(alarm.Retrospective);
        into.WriteNullable(alarm.AmendedAt);
        into.WriteNullable(alarm.RetractedAt);
        shared.Write(alarm.AssignedTo);
        shared.Write(alarm.AcceptedBy);
        into.WriteNullable(alarm.AcceptedAt);
        shared.Write(alarm.DeclinedBy);
        into.WriteNullable(alarm.OnSiteAt);
        into.WriteNullable(alarm.DoneAt);
        shared.Write(alarm.FalseAlarm);
        into.Write(alarm.ResponseOverdue);
        shared.Write(alarm.EscalatedBy);
        into.Write(alarm.Chattering);
        into.WriteNullable(alarm.ProposedOnDelay);
        shared.Write(alarm.Channel);
        into.WriteNullable(alarm.Value);
        shared.Write(alarm.ValueState);
        into.WriteNullable(alarm.Limit);
        shared.Write(alarm.Unit);
        shared.Write(alarm.Detail);
        shared.Write(alarm.RuleVersion);
        into.Write(alarm.Transitions);
        into.Write(alarm.Position);
    }

    public static Alarm Load(BinaryReader from, SharedStringReader shared) => new()
    {
        Id = from.ReadString(),
        Device = from.ReadString(),
        Family = Text(shared),
        District = shared.Read(),
        Street = shared.Read(),
        Rule = Text(shared),
        Instance = shared.Read(),
        Kind = (AlarmKind)from.ReadByte(),
        Severity = (Severity)from.ReadByte(),
        State = (AlarmState)from.ReadByte(),
        Beneath = from.ReadByte() is > 0 and var beneath ? (AlarmState)(beneath - 1) : null,
        Step = from.ReadInt32(),
        Latches = from.ReadBoolean(),
        Overlay = from.ReadBoolean() ? LoadOverlay(from, shared) : null,
        SuppressedBy = shared.Read(),
        Mode = shared.Read(),
        AnnouncedAt = from.ReadNullableInt64(),
        SoundedAt = from.ReadNullableInt64(),
        RaisedAt = from.ReadInt64(),
        RaisedReceivedAt = from.ReadInt64(),
        AcknowledgedAt = from.ReadNullableInt64(),
        AcknowledgedBy = shared.Read(),
        ClearedAt = from.ReadNullableInt64(),
        Retrospective = from.ReadBoolean(),
        AmendedAt = from.ReadNullableInt64(),
        RetractedAt = from.ReadNullableInt64(),
        AssignedTo = shared.Read(),
        AcceptedBy = shared.Read(),
        AcceptedAt = from.ReadNullableInt64(),
        DeclinedBy = shared.Read(),
        OnSiteAt = from.ReadNullableInt64(),
        DoneAt = from.ReadNullableInt64(),
        FalseAlarm = shared.Read(),
        ResponseOverdue = from.ReadBoolean(),
        EscalatedBy = shared.Read(),
        Chattering = from.ReadBoolean(),
        ProposedOnDelay = from.ReadNullableInt64(),
        Channel = shared.Read(),
        Value = from.ReadNullableDouble(),
        ValueState = shared.Read(),
        Limit = from.ReadNullableDouble(),
        Unit = shared.Read(),
        Detail = shared.Read(),
        RuleVersion = Text(shared),
        Transitions = from.ReadInt32(),
        Position = from.ReadInt64(),
    };

    private static void Save(Overlay overlay, BinaryWriter into, SharedStringWriter shared)
    {
        into.Write((byte)overlay.State);
        shared.Write(overlay.By);
        shared.Write(overlay.Reason);
        into.Write(overlay.Since);
        into.WriteNullable(overlay.Until);
        into.Write(overlay.Step);
        shared.Write(overlay.Second);
        shared.Write(overlay.Permit);
        shared.Write(overlay.Watch);
        into.Write(overlay.OneShot);
    }

    private static Overlay LoadOverlay(BinaryReader from, SharedStringReader shared) => new()
    {
        State = (AlarmState)from.ReadByte(),
        By = Text(shared),
        Reason = Text(shared),
        Since = from.ReadInt64(),
        Until = from.ReadNullableInt64(),
        Step = from.ReadInt32(),
        Second = shared.Read(),
        Permit = shared.Read(),
        Watch = shared.Read(),
        OneShot = from.ReadBoolean(),
    };

    private static string Text(SharedStringReader shared) => shared.Read() ?? throw new InvalidDataException("a text of an alarm is missing in the checkpoint");
}
