using Telemetry.Simulators.City;

namespace Telemetry.Ingest.Hosting;

/// <summary>Runs the simulated city in this process; it talks to the service over MQTT and HTTP like any other.</summary>
internal static partial class DemoCity
{
    public static void Start(ServiceOptions options, int mqttPort, int httpPort, WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry.Demo");
        LogOpen(logger, httpPort, options.DemoDevices);
        var city = new CityOptions { MqttPort = mqttPort, HttpUrl = new Uri($"http://127.0.0.1:{httpPort}"), Devices = options.DemoDevices, Seed = options.DemoSeed };
        _ = RunAsync(city, logger, app.Lifetime.ApplicationStopping);
    }

    private static async Task RunAsync(CityOptions city, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await CityRunner.RunAsync(city, TimeProvider.System, stopping);
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
