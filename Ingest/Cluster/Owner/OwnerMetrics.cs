using System.Diagnostics.Metrics;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>docs/operating.md lists the names; renaming one breaks dashboards.</summary>
internal sealed class OwnerMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public OwnerMetrics(Ownership ownership)
    {
        _meter.CreateObservableGauge("telemetry_cluster_owner", () => ownership.IsOwner ? 1 : 0, null, "1 while this node does what is done once in the cluster, else 0.");
        _meter.CreateObservableGauge("telemetry_cluster_owner_unsaved", () => ownership.StandsIn ? 1 : 0, null, "1 while this node is the last owner and PostgreSQL does not take its state: nobody could follow it.");
    }

    public void Dispose() => _meter.Dispose();
}
