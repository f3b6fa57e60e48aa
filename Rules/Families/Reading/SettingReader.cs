using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>The <c>settings</c> of a family: what differs from one device to the next.</summary>
internal static class SettingReader
{
    /// <summary>A yes-or-no setting is one of these two states.</summary>
    private static readonly string[] FalseTrue = ["false", "true"];

    public static IReadOnlyList<Setting> Read(Section section)
    {
        var settings = new List<Setting>();
        foreach (var (name, body) in section.Children())
        {
            if (!Vocabulary.IsName(name.Value))
                section.Fail(name, name.Value, $"'{name.Value}' is not a setting's name; write lower-case letters, digits and _, a letter first");
            settings.Add(ReadOne(name.Value, body, settings.Count));
        }
        return settings;
    }

    private static Setting ReadOne(string name, Section body, int index)
    {
        var unit = ChannelReader.Unit(body);
        var states = body.Flag("bool") == true ? FalseTrue : ChannelReader.States(body);
        var isHours = body.Flag("hours") == true;
        if ((unit is null ? 0 : 1) + (states.Count == 0 ? 0 : 1) + (isHours ? 1 : 0) != 1)
            body.Missing("the type", "write one of unit: m, bool: true, states: [carriageway, verge] or hours: true");
        var (min, max) = (Number(body, "min", unit), Number(body, "max", unit));
        if (min > max)
            body.Fail(body.Find("min")!, "min", $"{min} is above max, {max}");
        var setting = new Setting
        {
            Name = name,
            Index = index,
            Unit = unit,
            IsHours = isHours,
            States = states,
            Min = min,
            Max = max,
            Title = body.Title("title", "write title: {en: High level, zh: 高水位}") ?? new Title(name, name),
        };
        setting = setting with { Default = Value(body, "default", setting) };
        body.RefuseOthers();
        return setting;
    }

    /// <summary>What stands at a key for a setting: in its unit, or the index of its state; null where nothing right does.</summary>
    public static double? Value(Section section, string key, Setting setting)
    {
        if (setting.IsHours)
            return Hours(section, key);
        if (setting.States.Count > 0)
            return State(section, key, setting.States);
        var value = Number(section, key, setting.Unit);
        if (value < setting.Min || value > setting.Max)
            section.Fail(section.Find(key)!, key, $"{value} lies outside {setting.Min}..{setting.Max}");
        return value;
    }

    /// <summary>In the setting's unit; a unit behind the number is converted.</summary>
    private static double? Number(Section body, string key, string? unit)
    {
        if (body.Text(key) is not { } text)
            return null;
        if (unit is null)
            body.Fail(text, key, "only a setting with a unit has it");
        else if (!Quantity.TryParse(text.Value, out var quantity, out var error))
            body.Fail(text, key, error!);
        else if (!quantity.TryIn(unit, out var value))
            body.Fail(text, key, $"'{text.Value}' is not in {unit}");
        else
            return value;
        return null;
    }

    private static double? Hours(Section section, string key)
    {
        if (section.Text(key) is not { } text)
            return null;
        if (OpenHours.TryParse(text.Value, out var hours))
            return hours;
        section.Fail(text, key, $"'{text.Value}' is no opening hours; write 06:00-22:00, or 00:00-24:00 for what never closes");
        return null;
    }

    private static double? State(Section section, string key, IReadOnlyList<string> states)
    {
        if (section.Text(key) is not { } text)
            return null;
        for (var i = 0; i < states.Count; i++)
        {
            if (states[i] == text.Value)
                return i;
        }
        section.Fail(text, key, $"'{text.Value}' is not one of {string.Join(", ", states)}{NearestName.Hint(text.Value, states)}");
        return null;
    }
}
