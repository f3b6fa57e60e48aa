using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Ingest.Decoding.Models.Mapping;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Decoding.Models;

/// <summary>Reads one model's file. Any text gives a model or errors that say what, where and what would be right; never an exception.</summary>
internal static class ModelReader
{
    /// <summary>The model's name as its file says it; null where it says none, which <see cref="Read"/> reports.</summary>
    public static string? NameOf(YamlNode? root) => Text(root, "model");

    public static string? BaseOf(YamlNode? root) => Text(root, "base");

    /// <param name="ofBase">What it is based on; null for nothing.</param>
    /// <param name="families">Those in force, or null to check against none.</param>
    public static SensorModel? Read(YamlNode root, SensorModel? ofBase, FamilySet? families, ErrorList errors)
    {
        if (root is not YamlMap map)
        {
            errors.Add(root, "", $"expected model: NAME and what follows, found {root.Shown}");
            return null;
        }
        var section = new Section(map, "", errors);
        var name = section.Text("model", "a model's file begins with model: NAME, as the vendor writes it in lower case");
        if (name is not null && !IsName(name.Value))
            section.Fail(name, "model", $"'{name.Value}' is not a model's name; write lower-case letters, digits and -, a letter first, at most 64");
        section.Find("base");
        var title = section.Title("title", "write title: {en: Submersible level sensor, zh: 投入式液位计}");
        var source = section.Text("source", "say where its bytes or fields are described: source: the vendor's manual");
        var mistakes = errors.Count;
        var codec = CodecReader.Read(section, ofBase?.Codec);
        // After a mistake in the bytes nobody knows which fields there would be.
        var known = errors.Count == mistakes ? codec : null;
        var mappings = section.Child("channels") is { } channels
            ? MappingReader.Read(channels, name?.Value ?? "", ofBase?.Families ?? [], known, families)
            : ofBase?.Families ?? [];
        section.RefuseOthers();
        return new SensorModel { Name = name?.Value ?? "", Title = title ?? new Title("", ""), Source = source?.Value ?? "", Codec = codec, Families = mappings };
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static string? Text(YamlNode? root, string key) =>
        (root as YamlMap)?.Entries.FirstOrDefault(entry => entry.Key.Value == key)?.Value is YamlText { IsNull: false } text ? text.Value : null;
}
