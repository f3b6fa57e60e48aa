namespace Telemetry.Dashboards.Tests.Kubernetes;

/// <summary>docs/deploy/kubernetes cannot be applied here; what can be said of it without a cluster is said here.</summary>
public sealed class ManifestTests(SecretsFixture secrets)
{
    [Fact]
    public void The_shipped_manifests_have_nothing_wrong() => Assert.Empty(ManifestChecks.All(new Manifests(Manifests.Shipped), secrets.Made));

    [Theory]
    [InlineData("apps/v1/StatefulSet telemetry: ", "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    [InlineData("apps/v1/StatefulSet nats: ", "replicas: 3", "replicas: three")]
    [InlineData("apps/v1/StatefulSet postgres: ", "capabilities: {drop: [ALL]}", "capabilities: {drop: ALL}")]
    [InlineData("policy/v1/PodDisruptionBudget nats: ", "maxUnavailable: 1", "maxUnavailible: 1")]
    [InlineData("apps/v1beta1/StatefulSet telemetry: no kind", "apiVersion: apps/v1\n", "apiVersion: apps/v1beta1\n")]
    [InlineData("namespace 'city' is not made", "namespace: telemetry", "namespace: city")]
    [InlineData("the namespace lets pods in", "enforce: restricted", "enforce: baseline")]
    [InlineData("telemetry: does not select its own pods", "selector: {matchLabels: {app: telemetry}}\n  template", "selector: {matchLabels: {app: telemetri}}\n  template")]
    [InlineData("nats: two of its pods may share a machine", "kubernetes.io/hostname", "kubernetes.io/zone")]
    [InlineData("telemetry: more than one of its pods", "maxUnavailable: 1", "maxUnavailable: 2")]
    [InlineData("telemetry: service nodes, by which", "serviceName: node\n", "serviceName: nodes\n")]
    [InlineData("postgres: its pod may run as root", "runAsUser: 999", "runAsUser: 0")]
    [InlineData("telemetry: holds a token", "automountServiceAccountToken: false", "automountServiceAccountToken: true")]
    [InlineData("telemetry: is killed after 30 s", "terminationGracePeriodSeconds: 90", "terminationGracePeriodSeconds: 30")]
    [InlineData("nats: root is not read-only", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")]
    [InlineData("nats: keeps capabilities", "capabilities: {drop: [ALL]}", "capabilities: {drop: [ALL], add: [NET_RAW]}")]
    [InlineData("telemetry: may gain privileges", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true")]
    [InlineData("POSTGRES_PASSWORD is a secret in the environment", "name: POSTGRES_PASSWORD_FILE", "name: POSTGRES_PASSWORD")]
    [InlineData("telemetry: nobody asks for its start", "startupProbe: {httpGet: {path: /health/live, port: http}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 180}", "")]
    [InlineData("is asked for on port web", "port: http}", "port: web}")]
    [InlineData("is asked for at /healthz, where the service has nothing", "path: /health/live", "path: /healthz")]
    [InlineData("a database that is away takes every node away", "readinessProbe: {httpGet: {path: /health/live", "readinessProbe: {httpGet: {path: /health/ready")]
    [InlineData("telemetry: asks for no processors", "requests: {cpu: 500m, memory: 1Gi}", "requests: {memory: 1Gi}")]
    [InlineData("telemetry: asks for more memory", "requests: {cpu: 500m, memory: 1Gi}", "requests: {cpu: 500m, memory: 4Gi}")]
    [InlineData("Service telemetry-mqtts: selects 0 sets", "externalTrafficPolicy: Local\n  selector: {app: telemetry}", "externalTrafficPolicy: Local\n  selector: {app: telemetri}")]
    [InlineData("Service telemetry-mqtts: port mqtt 8883", "targetPort: mqtts", "targetPort: mqtt")]
    [InlineData("NetworkPolicy telemetry: port node is not", "{port: nodes}", "{port: node}")]
    [InlineData("postgres: anybody in the cluster reaches it", "podSelector: {matchLabels: {app: postgres}}", "podSelector: {matchLabels: {app: nats}}")]
    [InlineData("TELEMETRY__Mqtt__TlsPort = 8884 is not its port mqtts", "TELEMETRY__Mqtt__TlsPort: \"8883\"", "TELEMETRY__Mqtt__TlsPort: \"8884\"")]
    [InlineData("TELEMETRY__Cluster__Node = 10.1.2.3:11112 is not its port nodes", "$(POD_IP):11111", "$(POD_IP):11112")]
    [InlineData("telemetry: volume dta is not declared", "{name: data, mountPath: /var/lib/telemetry}", "{name: dta, mountPath: /var/lib/telemetry}")]
    [InlineData("telemetry: volume tmp is not mounted", "            - {name: tmp, mountPath: /tmp}\n      volumes:\n        # 0440.\n        - {name: secrets, secret: {secretName: telemetry", "      volumes:\n        # 0440.\n        - {name: secrets, secret: {secretName: telemetry")]
    [InlineData("telemetry: config map settings is not there", "configMapRef: {name: telemetry}", "configMapRef: {name: settings}")]
    [InlineData("make-secrets makes nothing for the secret nuts", "secretName: nats", "secretName: nuts")]
    [InlineData("the secret postgres has the mode 420", "secretName: postgres, defaultMode: 288", "secretName: postgres, defaultMode: 420")]
    [InlineData("telemetry: its secrets can be written", "mountPath: /run/telemetry, readOnly: true", "mountPath: /run/telemetry")]
    [InlineData("image postgres:16 is not one of compose.yaml's", "image: postgres:15.18", "image: postgres:16")]
    [InlineData("does not name the pods of nats", "tls://nats-2.nats:4222", "tls://nats-3.nats:4222")]
    [InlineData("do not name its pods", "nats://nats-2.nats:6222", "nats://nats-3.nats:6222")]
    [InlineData("names no service with PostgreSQL's port", "Host=postgres;", "Host=database;")]
    [InlineData("config map nats: is not docs/deploy/nats.conf", "max_payload: 4MB", "max_payload: 1MB")]
    [InlineData("make-secrets makes no telemetry/node.pem", "/run/telemetry/node.crt", "/run/telemetry/node.pem")]
    [InlineData("make-secrets makes no nats/tls.crt", "/etc/nats/secrets/server.crt", "/etc/nats/secrets/tls.crt")]
    public void A_mistake_in_them_is_found(string problem, string right, string wrong)
    {
        Assert.Contains(right, Manifests.Shipped, StringComparison.Ordinal);

        var problems = ManifestChecks.All(new Manifests(Manifests.Shipped.Replace(right, wrong, StringComparison.Ordinal)), secrets.Made).ToList();

        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }
}
