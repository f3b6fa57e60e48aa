using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Replay;

/// <summary>Reads a mapping file. All mistakes at once, each with its line.</summary>
public static class CsvMappingReader
{
    /// <exception cref="RecordingException">Each mistake on a line of its own.</exception>
    public static CsvMapping Read(string file, string text)
    {
        var errors = new ErrorList(file);
        CsvMapping? mapping = null;
        if (YamlReader.Read(text, errors, "mapping", "time: {column: NAME}") is { } root)
        {
            if (root is YamlMap map)
                mapping = Read(new Section(map, "", errors), FamilySet.Shipped());
            else
                errors.Add(root, "", $"expected keys such as time, family, device and columns, found {root.Shown}");
        }
        return errors.Count > 0 ? throw new RecordingException(string.Join('\n', errors.Sorted())) : mapping!;
    }

    private static CsvMapping Read(Section section, FamilySet families)
    {
        var skip = Number(section, "skip", 0);
        if (skip != Math.Floor(skip) || skip is < 0 or > 1000)
            section.Fail(section.Find("skip")!, "skip", "write how many lines stand before the header, 0 to 1000");
        var separator = Character(section, "separator", ',');
        var decimalMark = Character(section, "decimal", '.');
        if (decimalMark == separator)
            section.Fail(section.Find("decimal") ?? section.Find("separator")!, "decimal", $"'{decimalMark}' stands between cells already; write what stands within numbers, or another separator");
        var missing = section.Find("missing") is null ? ["NaN", "NA", "null"] : section.Texts("missing").Select(text => text.Value).ToList();
        var gateway = section.Text("gateway");
        if (gateway is not null && !ReplayTopic.IsLevel(gateway.Value))
            section.Fail(gateway, "gateway", $"'{gateway.Value}' can't stand in a topic; write a name without / + #");
        var time = Time(section);
        var family = Named(section, "family", "write the family of the devices: family: drainage_pump");
        var device = Named(section, "device", "write which device it is: device: PS-01, or device: {column: station}");
        if (family is { Constant: { } name })
            CheckFamily(section, section.Find("family")!, "family", name, families);
        var longForm = section.Child("long") is { } long_ ? Long(long_) : null;
        var columns = section.Child("columns", "write which column is which channel: columns: {level_mm: {channel: sump_level, unit: mm}}");
        var read = columns is null ? [] : Columns(columns, family, families);
        section.RefuseOthers();
        return new CsvMapping
        {
            Skip = (int)skip, Separator = separator, DecimalMark = decimalMark, Missing = missing, Gateway = gateway?.Value ?? ReplayTopic.Gateway,
            Time = time ?? new TimeColumn("", "rfc3339", null), Family = family ?? new Named("", null, NoWords), Device = device ?? new Named("", null, NoWords), Long = longForm, Columns = read,
        };
    }

    private static readonly SortedDictionary<string, string> NoWords = new(StringComparer.Ordinal);

    private static char Character(Section section, string key, char otherwise)
    {
        if (section.Text(key) is not { } text)
            return otherwise;
        if (text.Value is "tab" or "\t")
            return '\t';
        if (text.Value.Length == 1)
            return text.Value[0];
        section.Fail(text, key, $"'{text.Value}' is not one character; write \";\" or tab");
        return otherwise;
    }

    private static TimeColumn? Time(Section section)
    {
        if (section.Child("time", "write where the time stands: time: {column: time, format: \"dd-MM-yyyy HH:mm\", zone: Europe/Copenhagen}") is not { } time)
            return null;
        var column = time.Text("column", "write the column's name");
        var format = time.Text("format");
        TimeZoneInfo? zone = null;
        if (time.Text("zone") is { } name && !TryZone(name.Value, out zone))
            time.Fail(name, "zone", $"'{name.Value}' is no time zone; write one such as Asia/Shanghai, UTC or +08:00");
        var isPattern = format is not null && format.Value is not ("rfc3339" or "unix" or "unix_ms");
        if (isPattern && !IsPattern(format!.Value))
            time.Fail(format, "format", $"'{format.Value}' is no pattern of a time; write one such as \"dd-MM-yyyy HH:mm\", or rfc3339, unix or unix_ms");
        else if (isPattern && zone is null && time.Find("zone") is null && format!.Value.AsSpan().IndexOfAny('K', 'z') < 0)
            time.Fail(format, "format", $"times such as {format.Value} don't say their zone; write it beside: zone: Asia/Shanghai");
        time.RefuseOthers();
        return column is null ? null : new TimeColumn(column.Value, format?.Value ?? "rfc3339", zone);
    }

    private static bool TryZone(string name, out TimeZoneInfo? zone)
    {
        if (name.Length == 6 && name[0] is '+' or '-' && TimeSpan.TryParseExact(name.AsSpan(1), "hh\\:mm", CultureInfo.InvariantCulture, out var offset) && offset <= TimeSpan.FromHours(14))
        {
            zone = TimeZoneInfo.CreateCustomTimeZone(name, name[0] == '-' ? -offset : offset, name, name);
            return true;
        }
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }

    private static bool IsPattern(string pattern)
    {
        try
        {
            return pattern.Contains('y', StringComparison.Ordinal)
                && DateTime.TryParseExact(new DateTime(2024, 11, 24, 9, 20, 0).ToString(pattern, CultureInfo.InvariantCulture), pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Named? Named(Section section, string key, string required)
    {
        switch (section.Find(key))
        {
            case YamlText text:
                if (!ReplayTopic.IsLevel(text.Value))
                    section.Fail(text, key, $"'{text.Value}' can't stand in a topic; write a name without / + #");
                return new Named(text.Value, null, NoWords);
            case YamlMap map:
                var inner = section.Of(map, key);
                var column = inner.Text("column", "write the column's name");
                var words = Words(inner, (_, text) => text.Value);
                inner.RefuseOthers();
                return column is null ? null : new Named(null, column.Value, words ?? NoWords);
            case { } other:
                section.Fail(other, key, $"expected a name or {{column: NAME}}, found {other.Shown}");
                return null;
            default:
                section.Missing(key, required);
                return null;
        }
    }

    private static LongForm? Long(Section section)
    {
        var (name, value) = (section.Text("name", "write the column that names the channel"), section.Text("value", "write the column of the value"));
        section.RefuseOthers();
        return name is null || value is null ? null : new LongForm(name.Value, value.Value);
    }

    private static SortedDictionary<string, ChannelColumn> Columns(Section section, Named? family, FamilySet families)
    {
        var columns = new SortedDictionary<string, ChannelColumn>(StringComparer.Ordinal);
        foreach (var (name, column) in section.Children())
        {
            if (Column(column, family, families) is { } read)
                columns[name.Value] = read;
        }
        return columns;
    }

    private static ChannelColumn? Column(Section section, Named? ofFile, FamilySet families)
    {
        var (own, device) = (section.Text("family"), section.Text("device"));
        if (device is not null && !ReplayTopic.IsLevel(device.Value))
            section.Fail(device, "device", $"'{device.Value}' can't stand in a topic; write a name without / + #");
        if (own is not null)
            CheckFamily(section, own, "family", own.Value, families);
        var name = section.Text("channel", "write which channel it is: channel: sump_level");
        var family = (own?.Value ?? ofFile?.Constant) is { } known ? families.Find(known) : null;
        var channel = name is null || family is null ? null : family.Find(name.Value)?.Channel;
        if (name is not null && family is not null && channel is null)
            section.Fail(name, "channel", $"family {family.Name} has no channel '{name.Value}'{NearestName.Hint(name.Value, family.Channels.Select(each => each.Name))}; it has {string.Join(", ", family.Channels.Select(each => each.Group is null ? each.Name : each.Name + ".1"))}");
        var times = Number(section, "times", 1);
        var plus = Number(section, "plus", 0);
        if (section.Text("unit") is { } unit)
            times *= Factor(section, unit, channel, ref plus);
        var words = Words(section, (key, value) => Meaning(section, key, value, channel));
        if (words is null && channel?.Type is ChannelType.Boolean or ChannelType.State)
            section.Missing("is", channel!.Type == ChannelType.Boolean ? "this channel is a truth: write what cells mean: is: {1: true, 0: false}" : $"write what cells mean: is: {{0: {channel.States[0]}, …}}");
        section.RefuseOthers();
        return name is null ? null : new ChannelColumn(own?.Value, device?.Value, name.Value, times, plus, words);
    }

    private static void CheckFamily(Section section, YamlNode at, string key, string name, FamilySet families)
    {
        var known = families.All.Where(each => !each.IsBuiltIn).Select(each => each.Name).ToList();
        if (!known.Contains(name))
            section.Fail(at, key, $"there is no family '{name}'{NearestName.Hint(name, known)}; there are {string.Join(", ", known)}");
    }

    private static double Number(Section section, string key, double otherwise)
    {
        if (section.Text(key) is not { } text)
            return otherwise;
        if (Section.Number(text.Value) is { } number)
            return number;
        section.Fail(text, key, $"'{text.Value}' is not a number");
        return otherwise;
    }

    /// <summary>What turns the cell's unit into the channel's.</summary>
    private static double Factor(Section section, YamlText unit, Channel? channel, ref double plus)
    {
        if (channel is null)
            return 1;
        var (zero, one) = (Units.Convert(0, unit.Value, channel.Unit ?? "1"), Units.Convert(1, unit.Value, channel.Unit ?? "1"));
        if (zero is null || one is null)
        {
            section.Fail(unit, "unit", $"'{unit.Value}' can't be converted to {channel.Name}'s unit, {channel.Unit ?? "1"}");
            return 1;
        }
        plus = (plus * (one.Value - zero.Value)) + zero.Value;
        return one.Value - zero.Value;
    }

    private static string? Meaning(Section section, YamlText key, YamlText value, Channel? channel)
    {
        switch (channel?.Type)
        {
            case ChannelType.Boolean when value.Value is "true" or "false":
                return value.Value;
            case ChannelType.State when channel.States.Contains(value.Value):
                return JsonSerializer.Serialize(value.Value);
            case ChannelType.Number or ChannelType.Integer or ChannelType.Counter when Section.Number(value.Value) is { } number:
                return JsonSerializer.Serialize(number);
            case null:
                return value.Value is "true" or "false" ? value.Value : Section.Number(value.Value) is { } any ? JsonSerializer.Serialize(any) : JsonSerializer.Serialize(value.Value);
            default:
                section.Fail(value, $"is.{key.Value}", $"'{value.Value}' is no value of {channel.Name}; {(channel.Type == ChannelType.Boolean ? "true or false" : channel.Type == ChannelType.State ? $"one of {string.Join(", ", channel.States)}" : "a number")} would be right");
                return null;
        }
    }

    private static SortedDictionary<string, string>? Words(Section section, Func<YamlText, YamlText, string?> meaning)
    {
        if (section.Child("is") is not { } words)
            return null;
        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in words.Map.Entries)
        {
            if (value is not YamlText text)
                words.Fail(value, key.Value, $"expected a value, found {value.Shown}");
            else if (meaning(key, text) is { } word)
                read[key.Value] = word;
        }
        return read;
    }
}
