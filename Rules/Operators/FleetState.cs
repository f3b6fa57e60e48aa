using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>The fleet's part of a checkpoint: families in force, gateways, devices with their slots and steps.</summary>
internal static class FleetState
{
    // Devices are written and read in parts of about so many bytes, from memory: a reader takes a value there without asking a stream for each. In each part what the register says
    // comes first, and then what the rules remember.
    private const int PartBytes = 1 << 20;

    public static void Save(Fleet fleet, BinaryWriter into)
    {
        into.Write(fleet.TickTime);
        into.Write(fleet.Adoption);
        into.Write(fleet.BrokerLost);
        into.Write(fleet.LogUnwritable);
        into.Write(fleet.Plans.Count);
        foreach (var plan in fleet.Plans.Values)
        {
            into.Write(plan.Family.Name);
            into.Write(plan.Family.Text);
        }
        into.Write(fleet.GatewaysInOrder.Count);
        foreach (var gateway in fleet.GatewaysInOrder.Values)
            Save(gateway, into);
        SaveDevices(fleet, into);
        fleet.LinkTraces.Save(into);
        fleet.Places.Save(into);
        fleet.Calendar.Save(into);
        fleet.MassSilence.Save(into);
        fleet.GatewayOutages.Save(into);
    }

    public static void Load(Fleet fleet, BinaryReader from)
    {
        fleet.TickTime = from.ReadInt64();
        fleet.SetAdoption(from.ReadBoolean());
        fleet.BrokerLost = from.ReadBoolean();
        fleet.LogUnwritable = from.ReadBoolean();
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var (name, text) = (from.ReadString(), from.ReadString());
            fleet.Set(new FamilyPlan(FamilyReader.Read(name + ".yaml", text).Family ?? throw new InvalidDataException($"family '{name}' of the checkpoint can't be read by this version")), fleet.TickTime);
        }
        for (var left = from.ReadInt32(); left > 0; left--)
            Load(fleet.Gateway(from.ReadString()), from);
        LoadDevices(fleet, from);
        fleet.LinkTraces.Load(from);
        fleet.Places.Load(from, fleet.Plans);
        fleet.Calendar.Load(from);
        fleet.MassSilence.Load(from);
        fleet.GatewayOutages.Load(from);
    }

    private static void SaveDevices(Fleet fleet, BinaryWriter into)
    {
        into.Write(fleet.Devices.Count);
        using MemoryStream records = new(), rules = new();
        using BinaryWriter intoRecords = new(records), intoRules = new(rules);
        var shared = new SharedStringWriter(intoRecords);
        for (var i = 0; i < fleet.Devices.Count;)
        {
            records.SetLength(0);
            rules.SetLength(0);
            var first = i;
            do
            {
                var device = fleet.Devices[i++];
                SaveRecord(device, intoRecords, shared);
                SaveRules(device, intoRules);
                Anchors.Save(device, intoRules);
            }
            while (i < fleet.Devices.Count && records.Length + rules.Length < PartBytes);
            into.Write(i - first);
            foreach (var part in (MemoryStream[])[records, rules])
            {
                into.Write((int)part.Length);
                into.Write(part.GetBuffer(), 0, (int)part.Length);
            }
        }
    }

    /// <summary>What the register says is entered in its order; what the rules remember, which is each device's own, is read by all processors beside it.</summary>
    private static void LoadDevices(Fleet fleet, BinaryReader from)
    {
        var devices = from.ReadInt32();
        fleet.Expect(devices);
        try
        {
            Parallel.ForEach(Partitioner.Create(LoadRecords(fleet, from, devices), EnumerablePartitionerOptions.NoBuffering), LoadRules);
        }
        catch (AggregateException failed)
        {
            ExceptionDispatchInfo.Throw(failed.Flatten().InnerExceptions[0]);
        }
    }

    private static IEnumerable<DevicePart> LoadRecords(Fleet fleet, BinaryReader from, int devices)
    {
        using var records = new MemoryStream();
        using var record = new BinaryReader(records);
        var shared = new SharedStringReader(record);
        while (fleet.Devices.Count < devices)
        {
            var entered = new DeviceState[from.ReadInt32()];
            records.SetLength(from.ReadInt32());
            from.BaseStream.ReadExactly(records.GetBuffer(), 0, (int)records.Length);
            records.Position = 0;
            for (var i = 0; i < entered.Length; i++)
                entered[i] = LoadRecord(fleet, record, shared);
            var length = from.ReadInt32();
            var rules = ArrayPool<byte>.Shared.Rent(length);
            from.BaseStream.ReadExactly(rules, 0, length);
            yield return new DevicePart(entered, rules, length);
        }
    }

    private static void LoadRules(DevicePart part)
    {
        using var rules = new BinaryReader(new MemoryStream(part.Rules, 0, part.Length, writable: false));
        foreach (var device in part.Devices)
        {
            LoadRules(device, rules);
            Anchors.Load(device, rules);
        }
        ArrayPool<byte>.Shared.Return(part.Rules);
    }

    private static void Save(GatewayState gateway, BinaryWriter into)
    {
        into.Write(gateway.Id);
        into.Write(gateway.Up);
        into.Write(gateway.Clock);
        into.Write(gateway.Quiet);
        into.Write(gateway.DownCause ?? "");
        Write(into, [gateway.Offline]);
    }

    private static void Load(GatewayState gateway, BinaryReader from)
    {
        gateway.Up = from.ReadBoolean();
        gateway.Clock = from.ReadInt64();
        gateway.Quiet = from.ReadInt64();
        gateway.DownCause = from.ReadString() is { Length: > 0 } cause ? cause : null;
        gateway.Offline = ReadOne(from);
    }

    private static void SaveRecord(DeviceState device, BinaryWriter into, SharedStringWriter shared)
    {
        DeviceRecord.Save(device.Device, into, shared);
        into.Write(device.AwaitsAdoption);
        into.Write(device.HeardAt);
        into.Write(device.LastContact);
        into.Write(device.SilenceQueuedAt);
        into.Write(device.RulesSince);
        into.Write(device.WasHeard);
        Write(into, [device.Silence]);
    }

    /// <summary>How far the rules of one device have come, and all that they remember of it; its silence, which runs on another clock, apart.</summary>
    public static void SaveRules(DeviceState device, BinaryWriter into)
    {
        into.Write(device.Seen);
        into.Write(device.NextDue);
        into.Write(device.NextExpiry);
        into.Write(device.Woken);
        into.Write(device.Judged.Time);
        into.Write(device.Judged.Rank);
        Write(into, [device.Unknown]);
        Save(device.Main, into);
        into.Write(device.Instances.Length);
        foreach (var block in device.Instances)
        {
            into.Write(block.Plan.Group!);
            into.Write(block.Instance);
            Save(block, into);
        }
        Jump.Save(device, into);
    }

    private static DeviceState LoadRecord(Fleet fleet, BinaryReader from, SharedStringReader shared)
    {
        var register = DeviceRecord.Load(from, shared);
        var plan = fleet.Plan(register.Family) ?? throw new InvalidDataException($"family '{register.Family}' is missing in the checkpoint");
        var device = fleet.Set(register, plan, fleet.TickTime);
        device.Gateway.CountLimit(device, -1);
        device.AwaitsAdoption = from.ReadBoolean();
        device.Gateway.CountLimit(device, 1);
        device.HeardAt = from.ReadInt64();
        device.LastContact = from.ReadInt64();
        // Silence is judged by the gateway's queue; a device out of it (already silent) stays out.
        var queued = from.ReadInt64();
        device.Gateway.Enqueue(device, queued);
        device.RulesSince = from.ReadInt64();
        device.WasHeard = from.ReadBoolean();
        device.Silence = ReadOne(from);
        if (device.Silence.Truth == Truth.True)
            fleet.MassSilence.Restore(device);
        return device;
    }

    /// <summary>Takes up what <see cref="SaveRules"/> wrote, in a device that has taken no reading yet.</summary>
    public static void LoadRules(DeviceState device, BinaryReader from)
    {
        device.Seen = from.ReadInt64();
        device.NextDue = from.ReadInt64();
        device.NextExpiry = from.ReadInt64();
        device.Woken = from.ReadInt64();
        device.Judged = new ReadingOrder(from.ReadInt64(), from.ReadUInt64());
        device.Unknown = ReadOne(from);
        Load(device.Main, from);
        for (var left = from.ReadInt32(); left > 0; left--)
            Load(device.AddInstance(device.Plan.Group(from.ReadString()), from.ReadInt32()), from);
        Jump.Load(device, from);
    }

    private static void Save(Block block, BinaryWriter into)
    {
        foreach (var slot in block.Slots)
            slot.Save(into);
        block.Steps.Save(into);
        foreach (var trace in block.Traces)
        {
            into.Write(trace is not null);
            trace?.Save(into);
        }
    }

    private static void Load(Block block, BinaryReader from)
    {
        for (var slot = 0; slot < block.Slots.Length; slot++)
            block.Slots[slot] = Slot.Load(from);
        block.Steps.Load(from);
        for (var trace = 0; trace < block.Traces.Length; trace++)
            block.Traces[trace] = from.ReadBoolean() ? Trace.Load(from) : null;
    }

    private static void Write(BinaryWriter into, ReadOnlySpan<StepState> steps) => into.Write(MemoryMarshal.AsBytes(steps));

    private static StepState ReadOne(BinaryReader from)
    {
        var one = default(StepState);
        from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(new Span<StepState>(ref one)));
        return one;
    }

    /// <param name="Rules">Of which the first <paramref name="Length"/> bytes count; to be given back.</param>
    private readonly record struct DevicePart(DeviceState[] Devices, byte[] Rules, int Length);
}
