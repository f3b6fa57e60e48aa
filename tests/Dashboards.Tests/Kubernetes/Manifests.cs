using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Telemetry.Dashboards.Tests.Kubernetes;

/// <summary>What docs/deploy/kubernetes holds, or a broken copy of it, each object read as Kubernetes' own client knows it.</summary>
internal sealed class Manifests
{
    // A member that Kubernetes does not know is a mistake; it would be dropped without a word, or refused.
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, Type> Kinds = new()
    {
        ["v1/Namespace"] = typeof(V1Namespace),
        ["v1/ConfigMap"] = typeof(V1ConfigMap),
        ["v1/Service"] = typeof(V1Service),
        ["apps/v1/StatefulSet"] = typeof(V1StatefulSet),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
    };

    /// <summary>File by file.</summary>
    public static readonly string Shipped = string.Join("---\n", Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs/deploy/kubernetes"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private readonly List<object> _objects = [];
    private readonly List<string> _unreadable = [];

    public Manifests(string text)
    {
        foreach (var document in Yaml.ParseAll(text))
        {
            var kind = $"{document.GetProperty("apiVersion")}/{document.GetProperty("kind")}";
            var name = $"{kind} {document.GetProperty("metadata").GetProperty("name")}";
            if (!Kinds.TryGetValue(kind, out var type))
            {
                _unreadable.Add($"{name}: no kind that is checked here");
                continue;
            }
            try
            {
                _objects.Add(document.Deserialize(type, Strict)!);
            }
            catch (Exception error) when (error is JsonException or FormatException or ArgumentException or NotSupportedException)
            {
                _unreadable.Add($"{name}: {error.Message}");
            }
        }
    }

    public IReadOnlyList<string> Unreadable => _unreadable;

    public IEnumerable<k8s.IKubernetesObject<V1ObjectMeta>> Namespaced => _objects.OfType<k8s.IKubernetesObject<V1ObjectMeta>>().Where(each => each is not V1Namespace);

    public IEnumerable<V1Namespace> Namespaces => _objects.OfType<V1Namespace>();

    public IReadOnlyList<V1StatefulSet> Sets => [.. _objects.OfType<V1StatefulSet>()];

    public IReadOnlyList<V1Service> Services => [.. _objects.OfType<V1Service>()];

    public IReadOnlyList<V1PodDisruptionBudget> Budgets => [.. _objects.OfType<V1PodDisruptionBudget>()];

    public IReadOnlyList<V1NetworkPolicy> Policies => [.. _objects.OfType<V1NetworkPolicy>()];

    public IReadOnlyDictionary<string, V1ConfigMap> ConfigMaps => _objects.OfType<V1ConfigMap>().ToDictionary(map => map.Metadata.Name);

    public V1StatefulSet Set(string name) => Sets.Single(set => set.Metadata.Name == name);

    /// <summary>The environment of a set's one container, as its first pod has it.</summary>
    public IReadOnlyDictionary<string, string> Environment(string set)
    {
        var container = Set(set).Spec.Template.Spec.Containers.Single();
        var environment = (container.EnvFrom ?? []).SelectMany(from => ConfigMaps.TryGetValue(from.ConfigMapRef?.Name ?? "", out var map) ? map.Data : new Dictionary<string, string>()).ToDictionary();
        foreach (var variable in container.Env ?? [])
            environment[variable.Name] = variable.ValueFrom?.FieldRef?.FieldPath switch { "metadata.name" => $"{set}-0", "status.podIP" => "10.1.2.3", _ => variable.Value ?? "" };
        return environment.ToDictionary(entry => entry.Key, entry => Expand(entry.Value, environment));
    }

    private static string Expand(string text, Dictionary<string, string> environment) =>
        environment.Aggregate(text, (expanded, variable) => expanded.Replace($"$({variable.Key})", variable.Value, StringComparison.Ordinal));
}
