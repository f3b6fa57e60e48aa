using System.Globalization;
using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Decoding.Models.Mapping;

/// <summary>One <c>{from: FIELD, …}</c> of a model's channels, checked against the channel that it feeds.</summary>
internal static class SourceReader
{
    /// <summary>The word for a raw value that says nothing of the channel.</summary>
    private const string LeaveOut = "leave out";

    /// <summary>The word for what differs from product to product: a file based on this one says it, and until then the value is refused.</summary>
    private const string Unsaid = "unsaid";

    /// <summary>What a LoRaWAN network server says of a device by itself, between the device's own frames: % (ChirpStack's status event).</summary>
    private const string NetworkBattery = "batteryLevel";

    /// <param name="model">Its name.</param>
    /// <param name="codec">Null where the formats name the fields.</param>
    /// <param name="channel">Null to check against none.</param>
    public static ChannelSource? Read(Section section, string model, IFrameCodec? codec, Family? family, Channel? channel)
    {
        var from = section.Text("from", "name the sender's field: from: battery");
        var isOfBytes = codec is not null && from is not null && from.Value != NetworkBattery;
        string? said = null;
        if (isOfBytes && !codec!.Fields.TryGetValue(from!.Value, out said))
        {
            section.Fail(from, "from", $"the codec gives no field '{from.Value}'{NearestName.Hint(from.Value, codec.Fields.Keys)}; it gives {(codec.Fields.Count == 0 ? "none" : string.Join(", ", codec.Fields.Keys.Order(StringComparer.Ordinal)))}");
            isOfBytes = false;
        }
        var unit = section.Text("unit");
        var unsaid = UnsaidOf(section, unit, model);
        if (unsaid is not null)
            unit = null;
        if (unit is not null && said is not null)
            section.Fail(unit, "unit", $"the {(codec is DraginoPsLb ? "codec" : "bytes' table")} says {said} already; take {(codec is DraginoPsLb ? "this one" : "one of them")} out");
        else if (unit is not null && !Units.IsKnown(unit.Value))
            section.Fail(unit, "unit", $"unknown unit '{unit.Value}'; units are UCUM codes such as m, cm, \"[ppm]\", \"%{{LEL}}\", mg/m3");
        var other = section.Text("else");
        var source = new ChannelSource
        {
            From = from?.Value ?? "",
            // What the bytes are in stands beside them; here only where it doesn't.
            Unit = unit?.Value ?? said,
            Gas = GasOf(section),
            Celsius = Celsius(section),
            Times = Number(section, "times") ?? 1,
            Plus = Number(section, "plus") ?? 0,
            Below = Below(section, family, channel),
            Is = unsaid is null ? Meanings(section, channel) : null,
            Unsaid = unsaid,
            HasElse = other is not null,
            Else = other is null ? null : Word(section, "else", other, channel),
            Sentinels = BlockReader.Sentinels(section),
        };
        if (other is not null && source.Is is null)
            section.Fail(other, "else", "without is there is nothing else; write is: {1: open, 2: closed}");
        if (unsaid is null)
            CheckUnit(section, source, channel);
        // PS-LB's frames say their unit themselves.
        if (isOfBytes && codec is not DraginoPsLb && source is { Unit: null, Is: null, Gas: null, Unsaid: null } && channel?.Unit is not (null or "1"))
            section.Fail(from!, "from", $"a number without a unit, for {channel.Name} in {channel.Unit}; write {Quoted("u16 " + channel.Unit)} where its bytes are listed, or unit: {Quoted(channel.Unit!)} beside from");
        section.RefuseOthers();
        return from is null ? null : source;
    }

    /// <summary>Who is to say what, where the file leaves it to another; null where it doesn't.</summary>
    private static string? UnsaidOf(Section section, YamlText? unit, string model)
    {
        if (section.Find("is") is YamlText { Value: Unsaid })
            return $"model {model} does not say what its numbers mean; write a model with base: {model} and is: {{…}}, then redecode";
        return unit is { Value: Unsaid } ? $"model {model} does not say its unit; write a model with base: {model} and its unit, then redecode" : null;
    }

    // % { [ mean something to YAML.
    private static string Quoted(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is ' ' or '/') ? text : $"\"{text}\"";

    private static void CheckUnit(Section section, ChannelSource source, Channel? channel)
    {
        if (source is { Gas: not null, Unit: null })
            section.Missing("unit", "a gas needs the unit that it is measured in: unit: mg/m3");
        if (channel is null || source.Unit is null || source.Is is not null || !Units.IsKnown(source.Unit))
            return;
        if (channel.Unit is null)
            section.Fail(section.Find("unit") ?? section.Map, "unit", $"the channel has no unit, it is {ValueReader.Expected(channel)}; say what the numbers mean: is: {{0: …, 1: …}}");
        else if (!Units.Fit(source.Unit, channel.Unit) && source.Gas?.Convert(1, source.Unit, channel.Unit, source.Celsius) is null)
            section.Fail(section.Find("unit") ?? section.Map, "unit", $"{source.Unit} can't be given in {channel.Unit}, the channel's unit{(source.Gas is null ? "; a gas by mass or %LEL needs gas: CH4" : "")}");
    }

    private static Gas? GasOf(Section section)
    {
        if (section.Text("gas") is not { } text)
            return null;
        var gas = Gas.Find(text.Value);
        if (gas is null)
            section.Fail(text, "gas", $"'{text.Value}' is not one of {string.Join(", ", Gas.Names)}{NearestName.Hint(text.Value, Gas.Names)}");
        return gas;
    }

    private static double Celsius(Section section)
    {
        if (section.Text("at") is not { } text)
            return 25;
        if (Quantity.TryParse(text.Value, out var quantity, out _) && quantity.Unit == "Cel" && quantity.Value is > -100 and < 200)
            return quantity.Value;
        section.Fail(text, "at", $"'{text.Value}' is not the temperature of the air; write 25 Cel");
        return 25;
    }

    private static double? Number(Section section, string key)
    {
        if (section.Text(key) is not { } text)
            return null;
        var number = Section.Number(text.Value);
        if (number is null)
            section.Fail(text, key, $"'{text.Value}' is not a number");
        return number;
    }

    private static Reference? Below(Section section, Family? family, Channel? channel)
    {
        if (section.Text("below") is not { } text)
            return null;
        if (Quantity.TryParse(text.Value, out var quantity, out _))
        {
            if (channel?.Unit is { } unit && !quantity.TryIn(unit, out _))
                section.Fail(text, "below", $"{text.Value} can't be given in {unit}, the channel's unit");
            return new Reference(null, quantity.Value, quantity.Unit);
        }
        var setting = family?.Settings.FirstOrDefault(each => each.Name == text.Value);
        if (family is not null && setting is null)
            section.Fail(text, "below", $"'{text.Value}' is neither a quantity such as 90 deg nor a setting of {family.Name}{NearestName.Hint(text.Value, family.Settings.Select(each => each.Name))}");
        else if (setting is not null && channel?.Unit is { } unit && (setting.Unit is null || !Units.Fit(setting.Unit, unit)))
            section.Fail(text, "below", $"the setting {setting.Name} is in {setting.Unit ?? "no unit"}, the channel in {unit}");
        return new Reference(text.Value, 0, null);
    }

    private static List<Meaning>? Meanings(Section section, Channel? channel)
    {
        if (section.Find("is") is YamlText word)
            section.Fail(word, "is", $"expected a mapping, or {Unsaid}, found {word.Shown}");
        else if (section.Child("is") is { } child)
            return MeaningsOf(child, channel);
        return null;
    }

    private static List<Meaning> MeaningsOf(Section child, Channel? channel)
    {
        var meanings = new List<Meaning>();
        foreach (var (raw, _) in child.Map.Entries)
        {
            if (child.Text(raw.Value, "say which value of the channel it is") is { } word)
                meanings.Add(new Meaning(raw.Value, RawNumber(raw), Word(child, raw.Value, word, channel)));
        }
        return meanings;
    }

    private static double? RawNumber(YamlText raw) => raw.Value switch
    {
        "true" => 1,
        "false" => 0,
        _ => FieldNotation.Number(raw.Value),
    };

    /// <summary>A value of the channel as written; null to leave it out.</summary>
    private static string? Word(Section section, string key, YamlText word, Channel? channel)
    {
        if (word.Value == LeaveOut)
            return null;
        var isRight = channel?.Type switch
        {
            null => true,
            ChannelType.State => channel.States.Contains(word.Value),
            ChannelType.Boolean => word.Value is "true" or "false",
            _ => Section.Number(word.Value) is { } number && ValueReader.IsOfType(number, channel),
        };
        if (!isRight)
            section.Fail(word, key, $"'{word.Value}' is no value of the channel: expected {ValueReader.Expected(channel!)}, or {LeaveOut}{NearestName.Hint(word.Value, channel!.States)}");
        return word.Value;
    }
}
