using Telemetry.Rules.Families.Yaml;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>The fields of a block as a model's file lists them, one behind the other unless they say where.</summary>
internal static class BlockReader
{
    /// <param name="isPast">It must say its own moment.</param>
    public static FrameBlock Read(Section section, bool bigEndian, bool isPast)
    {
        var fields = new List<FieldLayout>();
        var offset = 0;
        var length = 0;
        foreach (var (key, value) in section.Map.Entries)
        {
            if (ReadField(section, key, value, offset) is not { } field)
                continue;
            offset = field.Offset + field.Size;
            length = Math.Max(length, offset);
            if (field.Type != FieldType.Skipped)
                fields.Add(field);
        }
        var time = fields.Find(field => field.Name == FrameBlock.Time);
        if (time is not null && (time.Type != FieldType.Unsigned || time.Times != time.By))
            section.Fail(section.Find(FrameBlock.Time)!, FrameBlock.Time, "the moment of a report is Unix seconds: write time: u32");
        if (isPast && time is null)
            section.Missing(FrameBlock.Time, "what is not of now says when it was, in Unix seconds: time: u32");
        return new FrameBlock { BigEndian = bigEndian, Fields = fields, Length = length, IsPast = isPast };
    }

    /// <summary>Numbers that are messages, under <c>bad</c> and <c>uncertain</c>: 0xFFFF: sensor fault.</summary>
    public static IReadOnlyList<Sentinel> Sentinels(Section section)
    {
        var sentinels = new List<Sentinel>();
        foreach (var (key, quality) in new[] { ("bad", Quality.Bad), ("uncertain", Quality.Uncertain) })
        {
            if (section.Child(key) is not { } child)
                continue;
            foreach (var (raw, why) in child.Map.Entries)
            {
                if (FieldNotation.Number(raw.Value) is not { } number)
                    child.Fail(raw, raw.Value, $"'{raw.Value}' is not a number; write 0xFFFF or 65535, and what it means");
                else if (child.Text(raw.Value, "write what the number means: 0xFFFF: sensor fault") is { } text)
                    sentinels.Add(new Sentinel(number, quality, text.Value));
            }
        }
        return sentinels;
    }

    private static FieldLayout? ReadField(Section section, YamlText key, YamlNode value, int offset)
    {
        if (value is YamlText text)
            return Parse(section, key.Value, text, offset);
        if (value is not YamlMap map)
        {
            section.Fail(value, key.Value, $"expected a field such as u16 / 10, or {{read: u16, bad: {{0xFFFF: sensor fault}}}}, found {value.Shown}");
            return null;
        }
        var inner = section.Of(map, key.Value);
        var field = inner.Text("read", "write read: u16") is { } read ? Parse(section, key.Value, read, offset) : null;
        var sentinels = Sentinels(inner);
        inner.RefuseOthers();
        return field is null ? null : field with { Sentinels = sentinels };
    }

    private static FieldLayout? Parse(Section section, string name, YamlText text, int offset)
    {
        var field = FieldNotation.Parse(name, text.Value, offset, out var error);
        if (field is null)
            section.Fail(text, name, error!);
        return field;
    }
}
