using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using Telemetry.Dashboards.Tests.Compose;

namespace Telemetry.Dashboards.Tests.Kubernetes;

/// <summary>What is wrong with the manifests, in words; nothing for right ones.</summary>
internal static partial class ManifestChecks
{
    private const string Own = "telemetry";

    // As the service answers without a token: HealthRoutes.
    private static readonly string[] HealthPaths = ["/health/live", "/health/ready"];

    /// <param name="made">What make-secrets makes, by path beneath its folder, with the owner's uid.</param>
    public static IEnumerable<string> All(Manifests manifests, IReadOnlyDictionary<string, int> made) => manifests.Unreadable.Count > 0 ? manifests.Unreadable :
    [
        .. Namespaces(manifests), .. manifests.Sets.SelectMany(Selectors), .. manifests.Sets.SelectMany(set => Spread(manifests, set)), .. manifests.Sets.SelectMany(Hardening), .. manifests.Sets.SelectMany(Probes),
        .. manifests.Sets.SelectMany(Resources), .. Ports(manifests), .. manifests.Sets.SelectMany(set => Volumes(manifests, set, made)), .. Images(manifests), .. Addresses(manifests), .. Files(manifests, made),
    ];

    private static IEnumerable<string> Namespaces(Manifests manifests)
    {
        var names = manifests.Namespaces.Select(each => each.Metadata.Name).ToList();
        foreach (var each in manifests.Namespaced.Where(each => !names.Contains(each.Metadata.NamespaceProperty)))
            yield return $"{each.Kind} {each.Metadata.Name}: namespace '{each.Metadata.NamespaceProperty}' is not made";
        if (manifests.Namespaces.Any(each => each.Metadata.Labels?.TryGetValue("pod-security.kubernetes.io/enforce", out var level) != true || level != "restricted"))
            yield return "the namespace lets pods in that are not restricted";
    }

    private static IEnumerable<string> Selectors(V1StatefulSet set)
    {
        if (!Selects(set.Spec.Selector?.MatchLabels, set))
            yield return $"{Name(set)}: does not select its own pods";
    }

    /// <summary>Pods of one set on machines of their own, of which one may be emptied at a time.</summary>
    private static IEnumerable<string> Spread(Manifests manifests, V1StatefulSet set)
    {
        if (set.Spec.Replicas is null or 1)
            yield break;
        var apart = set.Spec.Template.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
        if (!apart.Any(term => term.TopologyKey == "kubernetes.io/hostname" && Selects(term.LabelSelector?.MatchLabels, set)))
            yield return $"{Name(set)}: two of its pods may share a machine";
        if (!manifests.Budgets.Any(budget => Selects(budget.Spec.Selector?.MatchLabels, set) && budget.Spec.MaxUnavailable?.Value == "1"))
            yield return $"{Name(set)}: more than one of its pods may be taken away at once";
        if (!manifests.Services.Any(service => service.Metadata.Name == set.Spec.ServiceName && service.Spec.ClusterIP == "None" && Selects(service.Spec.Selector, set)))
            yield return $"{Name(set)}: service {set.Spec.ServiceName}, by which its pods have names, is not there";
    }

    private static IEnumerable<string> Hardening(V1StatefulSet set)
    {
        var pod = set.Spec.Template.Spec;
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: > 0, FsGroup: > 0, SeccompProfile.Type: "RuntimeDefault" })
            yield return $"{Name(set)}: its pod may run as root, or without a filter of system calls";
        if (pod.AutomountServiceAccountToken != false)
            yield return $"{Name(set)}: holds a token for Kubernetes";
        if (pod.TerminationGracePeriodSeconds is null or < 60)
            yield return $"{Name(set)}: is killed after {pod.TerminationGracePeriodSeconds ?? 30} s";
        foreach (var container in pod.Containers)
        {
            var security = container.SecurityContext;
            if (security?.ReadOnlyRootFilesystem != true)
                yield return $"{Name(set)}: root is not read-only";
            if (security?.Capabilities?.Drop?.SequenceEqual(["ALL"]) != true || security.Capabilities.Add is not null || security.Privileged == true)
                yield return $"{Name(set)}: keeps capabilities";
            if (security?.AllowPrivilegeEscalation != false)
                yield return $"{Name(set)}: may gain privileges";
            foreach (var variable in (container.Env ?? []).Where(variable => SecretName().IsMatch(variable.Name) && !variable.Name.EndsWith("FILE", StringComparison.OrdinalIgnoreCase)))
                yield return $"{Name(set)}: {variable.Name} is a secret in the environment";
        }
    }

    private static IEnumerable<string> Probes(V1StatefulSet set)
    {
        foreach (var container in set.Spec.Template.Spec.Containers)
        {
            foreach (var (name, probe) in new[] { ("start", container.StartupProbe), ("readiness", container.ReadinessProbe), ("life", container.LivenessProbe) })
            {
                if (probe is null)
                    yield return $"{Name(set)}: nobody asks for its {name}";
                if (probe?.HttpGet is { } http && (container.Ports ?? []).All(port => port.Name != http.Port.Value))
                    yield return $"{Name(set)}: its {name} is asked for on port {http.Port.Value}, which it has not";
                if (probe?.HttpGet is { } asked && set.Metadata.Name == Own && !HealthPaths.Contains(asked.Path))
                    yield return $"{Name(set)}: its {name} is asked for at {asked.Path}, where the service has nothing";
            }
            // A node may not be restarted, or cut off from its gateways, for what is wrong elsewhere.
            if (set.Metadata.Name == Own && (container.LivenessProbe?.HttpGet?.Path == "/health/ready" || container.ReadinessProbe?.HttpGet?.Path == "/health/ready"))
                yield return $"{Name(set)}: a database that is away takes every node away";
        }
    }

    private static IEnumerable<string> Resources(V1StatefulSet set)
    {
        foreach (var resources in set.Spec.Template.Spec.Containers.Select(container => container.Resources))
        {
            if (resources?.Requests?.ContainsKey("cpu") != true || !resources.Requests.ContainsKey("memory"))
                yield return $"{Name(set)}: asks for no processors and memory";
            if (resources?.Limits?.ContainsKey("memory") != true)
                yield return $"{Name(set)}: has no limit of memory";
            else if (resources.Requests?.TryGetValue("memory", out var asked) == true && asked.ToInt64() > resources.Limits["memory"].ToInt64())
                yield return $"{Name(set)}: asks for more memory than it may have";
        }
    }

    private static IEnumerable<string> Ports(Manifests manifests)
    {
        foreach (var service in manifests.Services)
        {
            var sets = manifests.Sets.Where(set => Selects(service.Spec.Selector, set)).ToList();
            if (sets.Count != 1)
                yield return $"Service {service.Metadata.Name}: selects {sets.Count} sets";
            foreach (var port in service.Spec.Ports.Where(port => sets.Any(set => !HasPort(set, port.TargetPort?.Value, port.Port))))
                yield return $"Service {service.Metadata.Name}: port {port.TargetPort?.Value} {port.Port} is not one of its pods'";
        }
        foreach (var policy in manifests.Policies)
        {
            var sets = manifests.Sets.Where(set => Selects(policy.Spec.PodSelector?.MatchLabels, set)).ToList();
            if (sets.Count != 1)
                yield return $"NetworkPolicy {policy.Metadata.Name}: selects {sets.Count} sets";
            foreach (var rule in policy.Spec.Ingress ?? [])
            {
                foreach (var port in (rule.Ports ?? []).Where(port => sets.Any(set => !HasPort(set, port.Port.Value, null))))
                    yield return $"NetworkPolicy {policy.Metadata.Name}: port {port.Port.Value} is not one of its pods'";
                foreach (var _ in (rule.FromProperty ?? []).Where(peer => manifests.Sets.All(set => !Selects(peer.PodSelector?.MatchLabels, set))))
                    yield return $"NetworkPolicy {policy.Metadata.Name}: lets in what is not there";
            }
        }
        foreach (var set in manifests.Sets.Where(set => manifests.Policies.All(policy => !Selects(policy.Spec.PodSelector?.MatchLabels, set))))
            yield return $"{Name(set)}: anybody in the cluster reaches it";
        // What the service listens on is what the manifest says that it does.
        var settings = manifests.Environment(Own);
        foreach (var (key, port) in new[] { ("TELEMETRY__Mqtt__TlsPort", "mqtts"), ("TELEMETRY__Http__Port", "http") })
        {
            if (!HasPort(manifests.Set(Own), port, int.Parse(settings.GetValueOrDefault(key, "0"), CultureInfo.InvariantCulture)))
                yield return $"{Own}: {key} = {settings.GetValueOrDefault(key)} is not its port {port}";
        }
        if (!HasPort(manifests.Set(Own), "nodes", int.Parse(settings.GetValueOrDefault("TELEMETRY__Cluster__Node", ":0").Split(':')[^1], CultureInfo.InvariantCulture)))
            yield return $"{Own}: TELEMETRY__Cluster__Node = {settings.GetValueOrDefault("TELEMETRY__Cluster__Node")} is not its port nodes";
    }

    private static IEnumerable<string> Volumes(Manifests manifests, V1StatefulSet set, IReadOnlyDictionary<string, int> made)
    {
        var pod = set.Spec.Template.Spec;
        var there = (pod.Volumes ?? []).Select(volume => volume.Name).Concat((set.Spec.VolumeClaimTemplates ?? []).Select(claim => claim.Metadata.Name)).ToList();
        var mounted = pod.Containers.SelectMany(container => container.VolumeMounts ?? []).Select(mount => mount.Name).ToList();
        foreach (var name in mounted.Except(there))
            yield return $"{Name(set)}: volume {name} is not declared";
        foreach (var name in there.Except(mounted))
            yield return $"{Name(set)}: volume {name} is not mounted";
        foreach (var volume in pod.Volumes ?? [])
        {
            if (volume.ConfigMap is { } map && !manifests.ConfigMaps.ContainsKey(map.Name))
                yield return $"{Name(set)}: config map {map.Name} is not there";
            if (volume.Secret is { } secret && !made.Keys.Any(file => file.StartsWith(secret.SecretName + "/", StringComparison.Ordinal)))
                yield return $"{Name(set)}: make-secrets makes nothing for the secret {secret.SecretName}";
            if (volume.Secret is { } readable && readable.DefaultMode != 0x120)
                yield return $"{Name(set)}: the secret {readable.SecretName} has the mode {readable.DefaultMode}; 288 (0440) lets its group read it, and nobody write";
            if (volume.Secret is not null && pod.Containers.SelectMany(container => container.VolumeMounts).Any(mount => mount.Name == volume.Name && mount.ReadOnlyProperty != true))
                yield return $"{Name(set)}: its secrets can be written";
        }
        foreach (var from in pod.Containers.SelectMany(container => container.EnvFrom ?? []).Where(from => !manifests.ConfigMaps.ContainsKey(from.ConfigMapRef?.Name ?? "")))
            yield return $"{Name(set)}: config map {from.ConfigMapRef?.Name} is not there";
        foreach (var claim in (set.Spec.VolumeClaimTemplates ?? []).Where(claim => !claim.Spec.AccessModes.SequenceEqual(["ReadWriteOnce"]) || claim.Spec.Resources?.Requests?.ContainsKey("storage") != true))
            yield return $"{Name(set)}: volume {claim.Metadata.Name} is shared, or of no size";
    }

    /// <summary>Whole versions, and those of compose.yaml.</summary>
    private static IEnumerable<string> Images(Manifests manifests)
    {
        var composed = new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample).Services.Select(service => ComposeFile.Text(service.Service, "image")).ToHashSet();
        return manifests.Sets.SelectMany(set => set.Spec.Template.Spec.Containers.Where(container => !composed.Contains(container.Image)).Select(container => $"{Name(set)}: image {container.Image} is not one of compose.yaml's"));
    }

    /// <summary>Whom the service and the servers call is there, under a name that its certificate has.</summary>
    private static IEnumerable<string> Addresses(Manifests manifests)
    {
        var settings = manifests.Environment(Own);
        var nats = manifests.Set("nats");
        var servers = Enumerable.Range(0, nats.Spec.Replicas ?? 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"nats-{i}.{nats.Spec.ServiceName}")).ToList();
        if (settings.GetValueOrDefault("TELEMETRY__Cluster__Servers") is var named && named != string.Join(',', servers.Select(server => $"tls://{server}:4222")))
            yield return $"{Own}: TELEMETRY__Cluster__Servers = {named} does not name the pods of nats";
        var arguments = nats.Spec.Template.Spec.Containers.Single().Args;
        if (arguments[^1] != string.Join(',', servers.Select(server => $"nats://{server}:6222")))
            yield return $"nats: its routes {arguments[^1]} do not name its pods";
        if (!(settings.GetValueOrDefault("TELEMETRY__Cluster__Postgres") ?? "").Split(';').Any(part => manifests.Services.Any(service => part == $"Host={service.Metadata.Name}" && service.Spec.Ports.Any(port => port.Port == 5432))))
            yield return $"{Own}: TELEMETRY__Cluster__Postgres names no service with PostgreSQL's port";
    }

    private static IEnumerable<string> Files(Manifests manifests, IReadOnlyDictionary<string, int> made)
    {
        if (manifests.ConfigMaps["nats"].Data["nats.conf"].Trim() != File.ReadAllText(Path.Combine(Repository.Root, "docs/deploy/nats.conf")).Trim())
            yield return "config map nats: is not docs/deploy/nats.conf";
        foreach (var set in manifests.Sets)
        {
            var container = set.Spec.Template.Spec.Containers.Single();
            foreach (var mount in container.VolumeMounts.Where(mount => (set.Spec.Template.Spec.Volumes ?? []).Any(volume => volume.Name == mount.Name && volume.Secret is not null)))
            {
                var folder = set.Spec.Template.Spec.Volumes.Single(volume => volume.Name == mount.Name).Secret.SecretName;
                var texts = manifests.Environment(set.Metadata.Name).Values.Concat(container.Args ?? []).Concat(set.Metadata.Name == "nats" ? [manifests.ConfigMaps["nats"].Data["nats.conf"]] : []);
                foreach (var file in texts.SelectMany(text => Regex.Matches(text, Regex.Escape(mount.MountPath) + @"/([\w.-]+)")).Select(match => match.Groups[1].Value).Distinct().Where(file => !made.ContainsKey($"{folder}/{file}")))
                    yield return $"{Name(set)}: make-secrets makes no {folder}/{file}";
            }
        }
    }

    private static bool Selects(IDictionary<string, string>? labels, V1StatefulSet set) =>
        labels is { Count: > 0 } && labels.All(label => set.Spec.Template.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool HasPort(V1StatefulSet set, string? name, int? number) =>
        set.Spec.Template.Spec.Containers.SelectMany(container => container.Ports ?? []).Any(port => port.Name == name && (number is null || port.ContainerPort == number));

    private static string Name(V1StatefulSet set) => set.Metadata.Name;

    [GeneratedRegex("PASSWORD|TOKEN|SECRET", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
