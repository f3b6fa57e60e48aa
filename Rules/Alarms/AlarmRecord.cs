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
        Save(alarm.AnnouncedAt, into);
        Save(alarm.SoundedAt, into);
        into.Write(alarm.RaisedAt);
        into.Write(alarm.RaisedReceivedAt);
        Save(alarm.AcknowledgedAt, into);
        shared.Write(alarm.AcknowledgedBy);
        Save(alarm.ClearedAt, into);
        into.Write(alarm.Retrospective);
        Save(alarm.AmendedAt, into);
        Save(alarm.RetractedAt, into);
        shared.Write(alarm.AssignedTo);
        shared.Write(alarm.AcceptedBy);
        Save(alarm.AcceptedAt, into);
        shared.Write(alarm.DeclinedBy);
        Save(alarm.OnSiteAt, into);
        Save(alarm.DoneAt, into);
        shared.Write(alarm.FalseAlarm);
        into.Write(alarm.ResponseOverdue);
        shared.Write(alarm.EscalatedBy);
        into.Write(alarm.Chattering);
        Save(alarm.ProposedOnDelay, into);
        shared.Write(alarm.Channel);
        Save(alarm.Value, into);
        shared.Write(alarm.ValueState);
        Save(alarm.Limit, into);
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
        AnnouncedAt = LoadTime(from),
        SoundedAt = LoadTime(from),
        RaisedAt = from.ReadInt64(),
        RaisedReceivedAt = from.ReadInt64(),
        AcknowledgedAt = LoadTime(from),
        AcknowledgedBy = shared.Read(),
        ClearedAt = LoadTime(from),
        Retrospective = from.ReadBoolean(),
        AmendedAt = LoadTime(from),
        RetractedAt = LoadTime(from),
        AssignedTo = shared.Read(),
        AcceptedBy = shared.Read(),
        AcceptedAt = LoadTime(from),
        DeclinedBy = shared.Read(),
        OnSiteAt = LoadTime(from),
        DoneAt = LoadTime(from),
        FalseAlarm = shared.Read(),
        ResponseOverdue = from.ReadBoolean(),
        EscalatedBy = shared.Read(),
        Chattering = from.ReadBoolean(),
        ProposedOnDelay = LoadTime(from),
        Channel = shared.Read(),
        Value = LoadNumber(from),
        ValueState = shared.Read(),
        Limit = LoadNumber(from),
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
        Save(overlay.Until, into);
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
        Until = LoadTime(from),
        Step = from.ReadInt32(),
        Second = shared.Read(),
        Permit = shared.Read(),
        Watch = shared.Read(),
        OneShot = from.ReadBoolean(),
    };

    private static void Save(long? time, BinaryWriter into)
    {
        into.Write(time is not null);
        if (time is { } known)
            into.Write(known);
    }

    private static long? LoadTime(BinaryReader from) => from.ReadBoolean() ? from.ReadInt64() : null;

    private static void Save(double? number, BinaryWriter into)
    {
        into.Write(number is not null);
        if (number is { } known)
            into.Write(known);
    }

    private static double? LoadNumber(BinaryReader from) => from.ReadBoolean() ? from.ReadDouble() : null;

    private static string Text(SharedStringReader shared) => shared.Read() ?? throw new InvalidDataException("a text of an alarm is missing in the checkpoint");
}
