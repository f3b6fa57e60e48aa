using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>The part of a model's file that says how bytes become fields: <c>tlv</c>, <c>ports</c>, or <c>codec</c> with the name of one that is written in C#.</summary>
internal static class CodecReader
{
    private static readonly Dictionary<string, bool> Orders = new(StringComparer.Ordinal) { ["big"] = true, ["little"] = false };

    /// <summary>What can't be said in a table. Each takes the model's TLV table, if it has one.</summary>
    private static readonly SortedDictionary<string, Func<TlvCodec?, IFrameCodec>> Named = new(StringComparer.Ordinal)
    {
        [MilesightNbIot.Name] = tlv => new MilesightNbIot(tlv ?? new TlvCodec(new Dictionary<int, FrameBlock>())),
        [DraginoPsLb.Name] = _ => new DraginoPsLb(),
    };

    /// <summary>Null for a model whose formats name the fields themselves.</summary>
    /// <param name="ofBase">Of the model that this one is based on: what its file doesn't say again is kept.</param>
    public static IFrameCodec? Read(Section root, IFrameCodec? ofBase)
    {
        // Milesight's way is the default of TLV, the field's of layouts.
        var order = root.Choice("byte_order", Orders);
        var tlv = root.Child("tlv") is { } blocks ? Tlv(blocks, order ?? false, ofBase as TlvCodec) : null;
        var ports = root.Child("ports") is { } layouts ? Ports(layouts, order ?? true, ofBase as PortCodec) : null;
        if (tlv is not null && ports is not null)
            root.Fail(root.Find("ports")!, "ports", "tlv stands here too; a model is read in one way");
        var own = (IFrameCodec?)tlv ?? ports;
        if (root.Text("codec") is not { } name)
            return own ?? ofBase;
        if (ports is not null || (tlv is not null && name.Value != MilesightNbIot.Name))
            root.Fail(name, "codec", $"{name.Value} takes no {(ports is null ? "tlv" : "ports")}; write one of the two");
        if (Named.TryGetValue(name.Value, out var make))
            return make(tlv ?? ofBase as TlvCodec);
        root.Fail(name, "codec", $"there is no codec '{name.Value}'{NearestName.Hint(name.Value, Named.Keys)}; there are {string.Join(", ", Named.Keys)}. What a table can say needs none: write tlv or ports");
        return null;
    }

    private static TlvCodec Tlv(Section section, bool bigEndian, TlvCodec? ofBase)
    {
        var blocks = new Dictionary<int, FrameBlock>(ofBase?.Blocks ?? new Dictionary<int, FrameBlock>());
        var own = new HashSet<int>();
        foreach (var (key, value) in section.Map.Entries)
        {
            var block = Block(section, key, value, bigEndian);
            foreach (var part in key.Value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (Id(part) is not { } id)
                    section.Fail(key, key.Value, $"'{part}' is not an id and its type; write two bytes in hexadecimal, \"03 77\", or several: \"FE 03, FF 03\"");
                else if (!own.Add(id))
                    section.Fail(key, key.Value, $"{part} stands twice");
                else if (block is not null)
                    blocks[id] = block;
            }
        }
        return new TlvCodec(blocks);
    }

    private static FrameBlock? Block(Section section, YamlText key, YamlNode value, bool bigEndian)
    {
        if (value is YamlMap map)
        {
            var inner = section.Of(map, key.Value);
            if (inner.Child("past") is not { } past)
                return BlockReader.Read(inner, bigEndian, isPast: false);
            inner.RefuseOthers();
            return BlockReader.Read(past, bigEndian, isPast: true);
        }
        if (value is YamlText { Value: var text } && FieldNotation.Parse("", text, 0, out _) is { Type: FieldType.Skipped } skipped)
            return new FrameBlock { BigEndian = bigEndian, Fields = [], Length = skipped.Size };
        section.Fail(value, key.Value, $"expected {{field: u16}}, {{past: {{time: u32, field: u16}}}} or skip 2, found {value.Shown}");
        return null;
    }

    private static PortCodec Ports(Section section, bool bigEndian, PortCodec? ofBase)
    {
        var ports = new Dictionary<int, PortLayout>(ofBase?.Ports ?? new Dictionary<int, PortLayout>());
        foreach (var (key, value) in section.Map.Entries)
        {
            var layout = Port(section, key, value, bigEndian);
            foreach (var part in key.Value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (part == "any")
                    ports[PortCodec.AnyPort] = layout;
                else if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 255)
                    ports[port] = layout;
                else
                    section.Fail(key, key.Value, $"'{part}' is not a port; write 0 to 255, several as \"3, 4\", or any for every other one");
            }
        }
        return new PortCodec(ports);
    }

    private static PortLayout Port(Section section, YamlText key, YamlNode value, bool bigEndian)
    {
        if (value is YamlText { Value: "nothing" })
            return new PortLayout(null, null, null, IsPassedOver: true);
        if (value is not YamlMap map)
        {
            section.Fail(value, key.Value, $"expected {{fields: {{…}}}}, {{records: {{time: u32, …}}}} or nothing, found {value.Shown}");
            return new PortLayout(null, null, null);
        }
        var inner = section.Of(map, key.Value);
        var layout = new PortLayout(
            inner.Child("fields") is { } fields ? BlockReader.Read(fields, bigEndian, isPast: false) : null,
            inner.Child("optional") is { } optional ? BlockReader.Read(optional, bigEndian, isPast: false) : null,
            inner.Child("records") is { } records ? BlockReader.Read(records, bigEndian, isPast: true) : null);
        if (layout is { Block: null, Records: null })
            inner.Missing("fields", "write fields: {battery: u16}, or records: {time: u32, …} for what repeats until the end");
        if (layout.Records is { Length: 0 })
            inner.Fail(inner.Find("records")!, "records", "a record without a byte never ends");
        inner.RefuseOthers();
        return layout;
    }

    private static int? Id(string text) =>
        text.Split(' ') is [{ Length: 2 } id, { Length: 2 } type] && byte.TryParse(id, NumberStyles.AllowHexSpecifier, null, out var first) && byte.TryParse(type, NumberStyles.AllowHexSpecifier, null, out var second)
            ? first << 8 | second
            : null;
}
