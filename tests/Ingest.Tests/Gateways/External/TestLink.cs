using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Tests.Decoding;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>The service's side of a broker, in front of a log under the test's hand.</summary>
internal sealed class TestLink : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LogLines _lines = new();
    private readonly Task _running;

    /// <param name="plant">A route of Sparkplug.</param>
    /// <param name="directory">Where the session is remembered; another link with the same one is the service after a restart.</param>
    public TestLink(int port, TempDirectory directory, RecordingLog? log = null, AppendEntries? append = null, bool lost = false, Func<ExternalOptions, ExternalOptions>? with = null, SparkplugPlant? plant = null, params Alarm[] open)
    {
        Log = log ?? new RecordingLog();
        var options = new ExternalOptions { Host = "127.0.0.1", Port = port };
        var tables = new DecodingTables(ATestFamily.Find, new DeviceDirectory(), new Stats(), plant?.Routes);
        options = with?.Invoke(options) ?? options;
        Broker = new ExternalBroker(
            options, tables, append ?? Log.AppendAsync, () => Decoded.Received, () => lost, new SessionMemory(directory.File("broker-session"), options), TimeProvider.System, _lines, () => 1, plant?.Host);
        _running = Broker.RunAsync(new AlarmPublisher(Feed, () => open, _ => null, Broker.PublishAsync), _stop.Token);
    }

    public RecordingLog Log { get; }

    public AlarmFeed Feed { get; } = new();

    public ExternalBroker Broker { get; }

    public IReadOnlyCollection<string> Lines => _lines;

    public IEnumerable<(string Rule, bool Active)> SystemEntries => Log.Entries.OfType<SystemEntry>().Select(entry => (entry.Rule, entry.Active));

    public Task ConnectedAsync() => Wait.ForAsync("connected", () => Broker.WhyNot is null);

    public Task FailedAsync(string kind) => Wait.ForAsync(kind, () => Failures(kind) > 0);

    public long Failures(string kind) => Broker.Readings.Failures.FirstOrDefault(pair => pair.Key == kind).Value;

    /// <summary>Waits until exactly these values have come, as often as they did.</summary>
    public Task ValuesAsync(int count) => Log.UntilAsync(log => log.Values.Count() >= count);

    /// <summary>Done when nothing more is read.</summary>
    public Task BeginStopAsync() => _stop.CancelAsync();

    public async Task StopAsync()
    {
        await BeginStopAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private sealed class LogLines : ConcurrentQueue<string>, ILogger<ExternalBroker>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));
    }
}
