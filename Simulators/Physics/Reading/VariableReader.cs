using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary>
/// <c>settings:</c> and <c>parameters:</c>, what is drawn once for each device: a quantity, a formula over what stands above it, <c>{between: 2..5}</c>,
/// <c>{one_of: [a, b]}</c>, <c>{chance: 2 %}</c>, or <c>{states: [mains, lost]}</c>, of which the first is the usual one.
/// </summary>
internal sealed class VariableReader(NameTable names, FormulaReader formulas)
{
    private static readonly string[] FalseTrue = ["false", "true"];

    public List<(Variable Variable, int Slot)> Variables { get; } = [];

    /// <param name="family">Whose settings they are; null where there is no such family.</param>
    public void ReadSettings(Section? section, Family? family)
    {
        foreach (var (name, value) in Entries(section))
        {
            var setting = family?.Settings.FirstOrDefault(known => known.Name == name.Value);
            if (family is not null && setting is null)
                section!.Fail(name, name.Value, $"{family.Name} has no setting '{name.Value}'{NearestName.Hint(name.Value, family.Settings.Select(known => known.Name))}");
            else if (setting is { IsHours: true })
                section!.Fail(name, name.Value, "opening hours are not drawn; leave it to the family's default");
            else
                Add(section!, name, value, setting?.Unit is "1" ? null : setting?.Unit, setting?.States ?? [], isSetting: true);
        }
    }

    /// <param name="source">The file's own; null where every parameter must name its own.</param>
    public void ReadParameters(Section? section, YamlText? source)
    {
        foreach (var (name, value) in Entries(section))
        {
            var own = value is YamlMap map ? section!.Of(map, name.Value).Text("source") : null;
            if (source is null && own is null)
                section!.Fail(name, name.Value, "where does the figure come from? Write source: beside it, or once for the file");
            Add(section!, name, value, null, [], isSetting: false);
        }
    }

    private static IEnumerable<(YamlText Name, YamlNode Value)> Entries(Section? section) => section?.Map.Entries.Select(entry => (entry.Key, entry.Value)) ?? [];

    private void Add(Section section, YamlText name, YamlNode node, string? unit, IReadOnlyList<string> words, bool isSetting)
    {
        if (names.Find(name.Value) is not null)
        {
            section.Fail(name, name.Value, "the name is taken: by a setting, a parameter or the surroundings");
            return;
        }
        var draw = node switch
        {
            YamlText text => Quantity(section, name.Value, text, ref unit, words),
            YamlMap map => Drawn(section.Of(map, name.Value), ref unit, ref words),
            _ => null,
        };
        if (node is YamlList)
            section.Fail(node, name.Value, "expected a quantity, a formula, or one of {between: 2..5}, {one_of: [a, b]}, {chance: 2 %}, {states: [a, b]}");
        // After a mistake too: one mistake is enough.
        var variable = new Variable(name.Value, unit, words, isSetting, draw ?? ((_, _) => 0));
        Variables.Add((variable, names.Add(name.Value, variable).Slot));
    }

    private Func<Random, double[], double>? Quantity(Section section, string key, YamlText text, ref string? unit, IReadOnlyList<string> words)
    {
        if (words.Count > 0 && words.ToList().IndexOf(text.Value) is var index and >= 0)
            return (_, _) => index;
        if (!Rules.Conditions.Quantity.TryParse(text.Value, out var quantity, out _))
            return formulas.Read(section, key, text) is { } formula ? (_, values) => formula(values) : null;
        if (unit is null && quantity.Unit is { } written)
            unit = written;
        if (!quantity.TryIn(unit, out var value))
            section.Fail(text, key, $"{quantity.Unit} is not convertible to {unit}");
        return (_, _) => value;
    }

    private Func<Random, double[], double>? Drawn(Section section, ref string? unit, ref IReadOnlyList<string> words)
    {
        section.Find("source");
        if (section.Text("unit") is { } named && !Units.IsKnown(unit = named.Value))
            section.Fail(named, "unit", $"unknown unit '{named.Value}'");
        var decimals = section.Text("decimals") is { } text && int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? Math.Min(digits, 9) : (int?)null;
        Func<Random, double[], double>? draw = null;
        if (section.Range("between") is var (least, most))
            draw = (random, _) => Rounded(least + ((most - least) * random.NextDouble()), decimals);
        else if (section.Text("is") is { } fixedly)
            draw = Quantity(section, "is", fixedly, ref unit, words);
        else if (section.Text("chance") is { } chance)
            (draw, words) = (Chance(section, chance), FalseTrue);
        else if (section.Find("one_of") is not null)
            draw = OneOf(section, unit, words);
        else if (section.Find("states") is not null)
            (draw, words) = ((_, _) => 0, [.. section.Texts("states").Select(word => word.Value)]);
        else if (section.Find("between") is null)
            section.Missing("what it is", "write one of is: 200 m2, between: 2..5, one_of: [a, b], chance: 2 %, states: [mains, lost]");
        section.RefuseOthers();
        return draw;
    }

    private static double Rounded(double value, int? decimals) => decimals is { } digits ? Math.Round(value, digits) : value;

    private static Func<Random, double[], double>? Chance(Section section, YamlText text)
    {
        if (Rules.Conditions.Quantity.TryParse(text.Value, out var chance, out _) && chance.TryIn("1", out var share) && share is >= 0 and <= 1)
            return (random, _) => random.NextDouble() < share ? 1 : 0;
        section.Fail(text, "chance", $"'{text.Value}': expected 0 % to 100 %");
        return null;
    }

    private static Func<Random, double[], double>? OneOf(Section section, string? unit, IReadOnlyList<string> words)
    {
        var choices = new List<double>();
        foreach (var text in section.Texts("one_of"))
        {
            if (words.Count > 0 && words.ToList().IndexOf(text.Value) is var index and >= 0)
                choices.Add(index);
            else if (words.Count == 0 && Rules.Conditions.Quantity.TryParse(text.Value, out var quantity, out _) && quantity.TryIn(unit, out var value))
                choices.Add(value);
            else
                section.Fail(text, "one_of", words.Count > 0 ? $"'{text.Value}' is not one of {string.Join(", ", words)}{NearestName.Hint(text.Value, words)}" : $"'{text.Value}' is not a number{(unit is null ? "" : $" in {unit}")}");
        }
        if (choices.Count == 0)
            return null;
        return (random, _) => choices[random.Next(choices.Count)];
    }
}
