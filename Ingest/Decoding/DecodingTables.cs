using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>What all decoders of the service share. Any thread.</summary>
/// <param name="findFamily">The family in force under a name, or null.</param>
/// <param name="routes">Which topics are written in which format but the native one.</param>
public sealed class DecodingTables(Func<string, Family?> findFamily, DeviceDirectory devices, Stats stats, RouteTable? routes = null)
{
    /// <summary>Devices of one gateway that nobody has adopted: a gateway that makes up names must not fill the register.</summary>
    public const int MaxProvisional = 10_000;

    // Keyed by the family object: one that was replaced takes its table with it.
    private readonly ConditionalWeakTable<Family, ChannelTable> _channels = [];

    internal NamePool Names { get; } = new();

    internal DeviceDirectory Devices { get; } = devices;

    internal Stats Stats { get; } = stats;

    internal RouteTable Routes { get; } = routes ?? RouteTable.None;

    /// <summary>What the devices' models say of their bytes and fields.</summary>
    internal ModelSet Models { get; init; } = ModelSet.None;

    /// <summary>Whether a gateway may carry what the register places behind another one. Null without gateway credentials: then anyone may, and the register follows.</summary>
    internal Func<string, bool>? MayCarryAny { get; init; }

    /// <summary>Told of mistakes in the decoders themselves.</summary>
    internal ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The same for messages that have been counted before.</summary>
    public DecodingTables Uncounted() => new(findFamily, Devices, new Stats(), Routes) { Models = Models, MayCarryAny = MayCarryAny, Logger = Logger };

    /// <summary>
    /// What is wrong with a device's reading that came through this gateway; null where nothing is. Judged before the log: a reading or a dead letter stands there, so
    /// a replay asks nobody.
    /// </summary>
    internal string? Foreign(Device device, string gateway) => MayCarryAny is not { } mayCarryAny || device.Gateway is not { } own || own == gateway || mayCarryAny(gateway)
        ? null
        : $"device {device.Id} came through {gateway}, but the register places it behind {own}; move it there in the register, or write devices: any at {gateway} in the gateways' file";

    /// <summary>It has brought so many devices that nobody has adopted that it may bring no further one. Without gateway credentials there is no limit.</summary>
    internal bool HasTooMany(string gateway) => MayCarryAny is not null && Devices.ProvisionalBehind(gateway) >= MaxProvisional;

    internal Family? FindFamily(string name) => findFamily(name) is { IsBuiltIn: false } family ? family : null;

    internal ChannelTable ChannelsOf(Family family) => _channels.GetValue(family, static f => new ChannelTable(f));
}
