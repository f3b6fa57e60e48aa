using System.Reflection;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Decoding.Models;

/// <summary>The sensor models in force, by name: those that travel with the program, and a city's own, which replace them by name.</summary>
internal sealed class ModelSet
{
    private const string ResourceFolder = "models/";

    private readonly SortedDictionary<string, SensorModel> _models;

    private ModelSet(SortedDictionary<string, SensorModel> models) => _models = models;

    public static ModelSet None { get; } = new([]);

    public static ModelSet Of(SensorModel model) => new(new SortedDictionary<string, SensorModel> { [model.Name] = model });

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<SensorModel> All => _models.Values;

    public SensorModel? Find(string? name) => name is null ? null : _models.GetValueOrDefault(name);

    /// <summary>The shipped models and those of a folder; null, and every mistake of every file, if there is one.</summary>
    /// <param name="folder">Null for the shipped ones alone.</param>
    /// <param name="families">Those in force: what the folder's files name must be there. A shipped model may name families that a city doesn't use.</param>
    public static (ModelSet? Models, IReadOnlyList<FamilyError> Errors) Load(string? folder, FamilySet families)
    {
        var problems = new List<FamilyError>();
        if (folder is not null && !Directory.Exists(folder))
            return (null, [new FamilyError(folder, 1, 1, "", "not a folder; name the one that holds the models' files")]);
        var own = folder is null ? [] : RulesFolder.Files(folder, problems);
        if (folder is not null)
            problems.AddRange(NotRead(folder));
        var (models, errors) = Load(own, families);
        return (problems.Count == 0 ? models : null, [.. problems, .. errors]);
    }

    /// <param name="own">Name and text of each file of a city.</param>
    /// <param name="families">Null to check against none.</param>
    public static (ModelSet? Models, IReadOnlyList<FamilyError> Errors) Load(IEnumerable<(string File, string Text)> own, FamilySet? families)
    {
        var files = new Dictionary<string, ModelFile>(StringComparer.Ordinal);
        var lists = new List<ErrorList>();
        foreach (var (file, text) in ShippedFiles())
            Add(ModelFile.Parse(file, text, null, lists), files, replaced: []);
        var replaced = files.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var (file, text) in own)
            Add(ModelFile.Parse(file, text, families, lists), files, replaced);
        var models = new SortedDictionary<string, SensorModel>(StringComparer.Ordinal);
        foreach (var name in files.Keys)
            Resolve(name, files, models, []);
        var errors = lists.SelectMany(list => list.Sorted()).ToList();
        return (errors.Count == 0 ? new ModelSet(models) : null, errors);
    }

    /// <summary>Name and text of each file that travels inside this assembly.</summary>
    public static IEnumerable<(string File, string Text)> ShippedFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourceFolder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name[ResourceFolder.Length..], reader.ReadToEnd());
        }
    }

    private static IEnumerable<FamilyError> NotRead(string folder) =>
        from path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
        let ending = Path.GetExtension(path)
        where ending.Equals(".yml", StringComparison.OrdinalIgnoreCase) || (ending != ".yaml" && ending.Equals(".yaml", StringComparison.OrdinalIgnoreCase))
        select new FamilyError(path, 1, 1, "", "not read; models end in .yaml");

    private static void Add(ModelFile file, Dictionary<string, ModelFile> files, HashSet<string> replaced)
    {
        if (file.Root is null)
            return;
        // Without a name it can't be based on, but its mistakes are to be told.
        var name = ModelReader.NameOf(file.Root) ?? "\0" + file.Name;
        if (replaced.Remove(name) || !files.TryGetValue(name, out var other))
            files[name] = file;
        else
            file.Errors.Add(file.Root, "model", $"the model '{name}' stands in {other.Name} too; one file a model");
    }

    private static SensorModel? Resolve(string name, Dictionary<string, ModelFile> files, SortedDictionary<string, SensorModel> models, List<string> path)
    {
        if (models.TryGetValue(name, out var known))
            return known;
        var file = files[name];
        SensorModel? ofBase = null;
        if (ModelReader.BaseOf(file.Root) is { } wanted)
        {
            if (!files.ContainsKey(wanted))
                file.Errors.Add(file.Root!, "base", $"there is no model '{wanted}'{NearestName.Hint(wanted, files.Keys)}");
            else if (wanted == name || path.Contains(wanted))
                file.Errors.Add(file.Root!, "base", $"'{wanted}' is based on this one; leave one of the two out");
            else
                ofBase = Resolve(wanted, files, models, [.. path, name]);
        }
        if (ModelReader.Read(file.Root!, ofBase, file.Families, file.Errors) is not { } model)
            return null;
        return models[name] = model;
    }

    private sealed record ModelFile(string Name, YamlNode? Root, FamilySet? Families, ErrorList Errors)
    {
        public static ModelFile Parse(string file, string text, FamilySet? families, List<ErrorList> lists)
        {
            var errors = new ErrorList(file);
            lists.Add(errors);
            return new ModelFile(file, YamlReader.Read(text, errors, "model"), families, errors);
        }
    }
}
