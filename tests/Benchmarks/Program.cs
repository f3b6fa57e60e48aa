using System.Globalization;
using BenchmarkDotNet.Running;
using Telemetry.Benchmarks.Broker;
using Telemetry.Benchmarks.Cluster;
using Telemetry.Benchmarks.EndToEnd;
using Telemetry.Benchmarks.Growth;
using Telemetry.Benchmarks.Peers;
using Telemetry.Benchmarks.Upgrade;
using Telemetry.Benchmarks.Wall;

namespace Telemetry.Benchmarks;

internal static class EntryPoint
{
    private static Task<int> Main(string[] args)
    {
        if (args is ["end-to-end", .. var rest])
            return EndToEndCommand.Create().Parse(rest).InvokeAsync();
        if (args is ["hot-state", .. var size])
            return Task.FromResult(HotState.Run(size is [var devices, ..] && int.TryParse(devices, out var number) ? number : 100_000));
        if (args is ["growth", .. var grown])
            return GrowthCommand.Create().Parse(grown).InvokeAsync();
        if (args is ["duplicates", .. var scale])
            return Duplicates.RunAsync(scale is [var fleet, ..] ? int.Parse(fleet, CultureInfo.InvariantCulture) : 300_000, scale is [_, var sent] ? int.Parse(sent, CultureInfo.InvariantCulture) : 10_000_000);
        if (args is ["behind-broker", .. var broker])
            return BehindBrokerCommand.Create().Parse(broker).InvokeAsync();
        if (args is ["bare-subscriber", var port, var messages])
            return BareSubscriber.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), long.Parse(messages, CultureInfo.InvariantCulture));
        if (args is ["bare-subscriber", var brokerPort])
            return BareSubscriber.RunAsync(int.Parse(brokerPort, CultureInfo.InvariantCulture));
        if (args is ["cluster", .. var cluster])
            return ClusterRates.Create().Parse(cluster).InvokeAsync();
        if (args is ["upgrade", .. var upgrade])
            return UpgradeCommand.Create().Parse(upgrade).InvokeAsync();
        if (args is ["peers", .. var peers])
            return PeersCommand.Create().Parse(peers).InvokeAsync();
        if (args is ["endpoint-alone", var endpointPort, var endpointFolder])
            return EndpointAlone.RunAsync(int.Parse(endpointPort, CultureInfo.InvariantCulture), endpointFolder);
        if (args is ["line-loader", var url, var loading])
            return LineLoader.RunAsync(new Uri(url), double.Parse(loading, CultureInfo.InvariantCulture));
        if (args is ["backtest", .. var recorded])
            return BacktestSpeed.RunAsync(recorded is [var hours, ..] ? int.Parse(hours, CultureInfo.InvariantCulture) : 24, recorded is [_, var data] ? data : null);
        if (args is ["export", .. var stored])
            return Exports.RunAsync(stored is [var values, ..] ? int.Parse(values, CultureInfo.InvariantCulture) : 10_000_000);
        if (args is ["embedded-retention", var days, var keep, var millions])
            return EmbeddedRetention.RunAsync(int.Parse(days, CultureInfo.InvariantCulture), int.Parse(keep, CultureInfo.InvariantCulture), int.Parse(millions, CultureInfo.InvariantCulture));
        if (args is ["connections", .. var gateways])
            return Connections.RunAsync(gateways is [var idle, ..] ? int.Parse(idle, CultureInfo.InvariantCulture) : 15_000, gateways is [_, var busy] ? int.Parse(busy, CultureInfo.InvariantCulture) : 1000);
        if (args is ["soak", var minutes, var rate, .. var drawn])
            return Soak.RunAsync(int.Parse(minutes, CultureInfo.InvariantCulture), int.Parse(rate, CultureInfo.InvariantCulture), drawn is ["--picture", var picture] ? picture : null);
        if (args is ["flame-graph", var perf, var svg])
        {
            FlameGraph.Write(perf, svg);
            return Task.FromResult(0);
        }
        if (args is ["wall-queries", .. var dashboards])
            return WallQueries.RunAsync(dashboards);
        if (args is ["influx-writers", .. var lines])
            return InfluxWriters.RunAsync(lines is [var count, ..] && int.TryParse(count, out var wanted) ? wanted : 500_000);
        BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args);
        return Task.FromResult(0);
    }
}
