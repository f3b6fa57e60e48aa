using System.Reflection;
using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Physics;

/// <summary>The physics of all families that a city has.</summary>
public sealed class PhysicsSet
{
    private const string ResourceFolder = "physics/";

    private readonly SortedDictionary<string, FamilyPhysics> _byFamily;

    private PhysicsSet(SortedDictionary<string, FamilyPhysics> byFamily)
    {
        _byFamily = byFamily;
        All = [.. byFamily.Values.OrderBy(family => family.Placement.Share is null)];
        Opening = [.. byFamily.Values.SelectMany(family => family.Opening).Distinct()];
        Incidents = [.. byFamily.Values.SelectMany(family => family.Incidents.Keys).Distinct().Concat(Incident.Everywhere)];
    }

    /// <summary>In the order of their names, but the one that takes the rest of the city's devices, which is the last.</summary>
    public IReadOnlyList<FamilyPhysics> All { get; }

    /// <summary>What happens in a demonstration's first minutes, family by family.</summary>
    public IReadOnlyList<StoryEvent> Opening { get; }

    /// <summary>Whatever can happen, by name.</summary>
    public IReadOnlyList<string> Incidents { get; }

    public FamilyPhysics? Find(string family) => _byFamily.GetValueOrDefault(family);

    /// <summary>The files that travel inside this assembly.</summary>
    public static PhysicsSet Shipped { get; } = ReadShipped();

    /// <summary>All files at once; null and every error of every file if there is one.</summary>
    public static (PhysicsSet? Physics, IReadOnlyList<FamilyError> Errors) Load(IEnumerable<(string File, string Text)> files, FamilySet families)
    {
        var errors = new List<FamilyError>();
        var byFamily = new SortedDictionary<string, FamilyPhysics>(StringComparer.Ordinal);
        string? rest = null;
        foreach (var (file, text) in files)
        {
            var result = PhysicsReader.Read(file, text, families);
            errors.AddRange(result.Errors);
            if (result.Physics is not { } physics)
                continue;
            if (!byFamily.TryAdd(physics.Name, physics))
                errors.Add(new FamilyError(file, 1, 1, "family", $"the family '{physics.Name}' has a physics file already; one file a family"));
            if (physics.Placement.Share is null && rest is not null)
                errors.Add(new FamilyError(file, 1, 1, "share", $"{rest} takes the rest of the city's devices already; write share: 5 %"));
            rest = physics.Placement.Share is null ? physics.Name : rest;
        }
        if (errors.Count == 0 && rest is null)
            errors.Add(new FamilyError("", 1, 1, "share", "no family takes what the others leave; one file must say share: rest"));
        if (byFamily.Values.Sum(family => family.Placement.Share ?? 0) is var shares and >= 1)
            errors.Add(new FamilyError("", 1, 1, "share", FormattableString.Invariant($"together they are {100 * shares:0.#} % of the city and leave nothing for the rest")));
        return (errors.Count == 0 ? new PhysicsSet(byFamily) : null, errors);
    }

    /// <summary>Name and text of each shipped file.</summary>
    public static IEnumerable<(string File, string Text)> ShippedFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourceFolder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name[ResourceFolder.Length..], reader.ReadToEnd());
        }
    }

    private static PhysicsSet ReadShipped()
    {
        var (physics, errors) = Load(ShippedFiles(), FamilySet.Shipped());
        return physics ?? throw new InvalidOperationException("The shipped physics files do not load:\n" + string.Join('\n', errors));
    }
}
