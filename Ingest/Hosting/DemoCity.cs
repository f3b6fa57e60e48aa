using Telemetry.Simulators.City;

namespace Telemetry.Ingest.Hosting;

/// <summary>Runs the simulated city in this process; it talks to the service over MQTT and HTTP like any other.</summary>
internal static partial class DemoCity
{
    /// <summary>With fewer devices a family would have none.</summary>
    public const int FewestDevices = CityBuilder.Fewest;

    /// <summary>The service's clock: the machine's, but in a demonstration that shall go faster.</summary>
    public static TimeProvider Clock(ServiceOptions options) =>
        options.DemoSpeed == 1 ? TimeProvider.System : new FastClock(TimeProvider.System.GetUtcNow(), options.DemoSpeed, TimeProvider.System);

    public static void Start(ServiceOptions options, int mqttPort, int httpPort, WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry.Demo");
        LogOpen(logger, httpPort, options.DemoDevices);
        var city = new CityOptions { MqttPort = mqttPort, HttpUrl = new Uri($"http://127.0.0.1:{httpPort}"), Devices = options.DemoDevices, Seed = options.DemoSeed };
        _ = RunAsync(city, app.Services.GetRequiredService<TimeProvider>(), logger, app.Lifetime.ApplicationStopping);
    }

    private static async Task RunAsync(CityOptions city, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await CityRunner.RunAsync(city, time, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception error)
        {
            LogFailed(logger, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "demo: open http://127.0.0.1:{Port}/ and watch a simulated city of {Devices} devices")]
    private static partial void LogOpen(ILogger logger, int port, int devices);

    [LoggerMessage(Level = LogLevel.Error, Message = "the simulated city stopped")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
