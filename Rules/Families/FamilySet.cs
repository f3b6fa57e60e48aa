using System.Reflection;

namespace Telemetry.Rules.Families;

/// <summary>The families in force, by name.</summary>
public sealed class FamilySet
{
    private const string ResourceFolder = "families/";

    private readonly SortedDictionary<string, Family> _families;

    private FamilySet(SortedDictionary<string, Family> families)
    {
        _families = families;
        Hash = FamilyReader.HashOf(string.Concat(families.Values.Select(family => $"{family.Name} {family.Hash}\n")));
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<Family> All => _families.Values;

    /// <summary>Changes when any family's text does: 16 hex digits.</summary>
    public string Hash { get; }

    public Family? Find(string name) => _families.GetValueOrDefault(name);

    /// <summary>The families of the service itself, whose alarms it raises without a rule's condition.</summary>
    public static readonly IReadOnlyList<string> Own = ["area", "gateway", "system"];

    public static bool IsOwn(string name) => Own.Contains(name);

    /// <summary>All files at once; null and every error of every file if there is one.</summary>
    public static (FamilySet? Families, IReadOnlyList<FamilyError> Errors) Load(IEnumerable<(string File, string Text)> files)
    {
        var errors = new List<FamilyError>();
        var families = new SortedDictionary<string, Family>(StringComparer.Ordinal);
        var filesByName = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, text) in files)
        {
            var result = FamilyReader.Read(file, text);
            errors.AddRange(result.Errors);
            if (result.Family is not { } family)
                continue;
            if (families.TryAdd(family.Name, family))
                filesByName.Add(family.Name, file);
            else
                errors.Add(new FamilyError(file, 1, 1, "family", $"the family '{family.Name}' stands in {filesByName[family.Name]} too; one file a family"));
        }
        RefuseSharedPlaceRules(families, filesByName, errors);
        return (errors.Count == 0 ? new FamilySet(families) : null, errors);
    }

    /// <summary>The alarms of places stand in one family, area: their rules' names tell them apart.</summary>
    private static void RefuseSharedPlaceRules(SortedDictionary<string, Family> families, Dictionary<string, string> files, List<FamilyError> errors)
    {
        var all = families.Values.SelectMany(family => family.Rules.Select(rule => (Family: family, Rule: rule))).ToList();
        foreach (var (family, rule) in all.Where(each => each.Rule.Place is not null))
        {
            if (all.Find(other => other.Rule.Name == rule.Name && other.Rule != rule).Family is { } other)
                errors.Add(new FamilyError(files[family.Name], rule.Line, 1, $"rules.{rule.Name}", $"the rule of a place has a name of its own among all families; {other.Name} has a rule '{rule.Name}' too"));
        }
    }

    /// <summary>The files that travel inside this assembly.</summary>
    public static FamilySet Shipped()
    {
        var (families, errors) = Load(ShippedFiles());
        return families ?? throw new InvalidOperationException("The shipped family files do not load:\n" + string.Join('\n', errors));
    }

    /// <summary>Name and text of each shipped file.</summary>
    public static IEnumerable<(string File, string Text)> ShippedFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourceFolder, StringComparison.Ordinal) && name.EndsWith(".yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            yield return (name[ResourceFolder.Length..], ReadResource(assembly, name));
    }

    /// <summary>The JSON schema of family files, for editors.</summary>
    public static string Schema() => ReadResource(Assembly.GetExecutingAssembly(), ResourceFolder + "family.schema.json");

    private static string ReadResource(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing."));
        return reader.ReadToEnd();
    }
}
