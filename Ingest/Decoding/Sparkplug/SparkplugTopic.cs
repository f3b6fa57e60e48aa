using System.Diagnostics.CodeAnalysis;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Sparkplug;

internal enum SparkplugKind : byte
{
    NodeBirth,
    NodeDeath,
    NodeData,
    DeviceBirth,
    DeviceDeath,
    DeviceData,

    /// <summary>NCMD or DCMD.</summary>
    Command,

    /// <summary>What a host application says of itself.</summary>
    State,
}

/// <summary><c>spBv1.0/{group}/{type}/{node}[/{device}]</c>, taken apart.</summary>
internal sealed class SparkplugTopic
{
    public const string Root = "spBv1.0";

    // A dead letter keeps so much of a topic; what is cut off would be another name.
    private const int MaxBytes = 250;

    private const string Expected = $"expected {Root}/GROUP/TYPE/NODE or {Root}/GROUP/TYPE/NODE/DEVICE, TYPE one of NBIRTH, NDATA, NDEATH and DBIRTH, DDATA, DDEATH";

    private SparkplugTopic(SparkplugKind kind, string group, string node, string? device, string gateway) =>
        (Kind, Group, Node, Device, Gateway) = (kind, group, node, device, gateway);

    public SparkplugKind Kind { get; }

    public string Group { get; }

    public string Node { get; }

    /// <summary>Null in a message of the node itself.</summary>
    public string? Device { get; }

    /// <summary>The node's name as a gateway: <c>group::node</c>.</summary>
    public string Gateway { get; }

    /// <exception cref="MalformedMessageException"/>
    public static SparkplugTopic Parse(string topic) => Read(topic, out var problem) ?? throw new MalformedMessageException(RejectReason.BadTopic, problem);

    public static bool TryParse(string topic, [NotNullWhen(true)] out SparkplugTopic? parsed) => (parsed = Read(topic, out _)) is not null;

    /// <summary>
    /// Group and node joined by <c>::</c>. Bytes that no id may have are written <c>:XX</c> in hexadecimal digits, so that two nodes never have one name:
    /// credentials go by it.
    /// </summary>
    public static string GatewayOf(string group, string node) => $"{Escaped(group, ':', IsOfId)}::{Escaped(node, ':', IsOfId)}";

    /// <summary><c>group/node</c> or <c>group/node/device</c>; bytes beyond printable ASCII as in a URL: <c>Edge%20Node</c>.</summary>
    public static string WireId(string group, string node, string? device)
    {
        var of = $"{Escaped(group, '%', IsOfWireId)}/{Escaped(node, '%', IsOfWireId)}";
        return device is null ? of : $"{of}/{Escaped(device, '%', IsOfWireId)}";
    }

    private static SparkplugTopic? Read(string topic, out string problem)
    {
        problem = $"topic {topic}: {Expected}";
        if (Encoding.UTF8.GetByteCount(topic) > MaxBytes)
        {
            problem = $"topic {topic}: over {MaxBytes} bytes";
            return null;
        }
        // A request to such a name could be sent to nobody. A last will's topic comes unchecked.
        if (topic.AsSpan().IndexOfAny('+', '#', '\0') >= 0)
        {
            problem = $"topic {topic}: no level may have +, # or NUL";
            return null;
        }
        var levels = topic.Split('/');
        if (levels is [Root, "STATE", ..])
            return new(SparkplugKind.State, "", "", null, "");
        if (levels.Length is not (4 or 5) || levels[0] != Root || levels.Contains(""))
            return null;
        var device = levels.ElementAtOrDefault(4);
        if (KindOf(levels[2], device) is not { } kind)
            return null;
        var gateway = GatewayOf(levels[1], levels[3]);
        if (!DeviceId.IsValid(gateway))
        {
            problem = $"topic {topic}: gateway {gateway}: group and node make an id of {gateway.Length} characters, at most 64 are read; what is not of A-Z a-z 0-9 _ . - counts three a byte";
            return null;
        }
        return new(kind, levels[1], levels[3], device, gateway);
    }

    private static SparkplugKind? KindOf(string type, string? device) => (type, device) switch
    {
        ("NBIRTH", null) => SparkplugKind.NodeBirth,
        ("NDEATH", null) => SparkplugKind.NodeDeath,
        ("NDATA", null) => SparkplugKind.NodeData,
        ("DBIRTH", not null) => SparkplugKind.DeviceBirth,
        ("DDEATH", not null) => SparkplugKind.DeviceDeath,
        ("DDATA", not null) => SparkplugKind.DeviceData,
        ("NCMD", null) or ("DCMD", not null) => SparkplugKind.Command,
        _ => null,
    };

    private static bool IsOfId(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'.' or (byte)'-';

    private static bool IsOfWireId(byte value) => value is > 0x20 and < 0x7F and not (byte)'%';

    private static string Escaped(string name, char escape, Func<byte, bool> isAllowed)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        if (Array.TrueForAll(bytes, value => isAllowed(value)))
            return name;
        var text = new StringBuilder();
        foreach (var value in bytes)
        {
            if (isAllowed(value))
                text.Append((char)value);
            else
                text.Append(escape).Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }
}
