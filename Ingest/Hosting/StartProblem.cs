using System.Net.Sockets;

namespace Telemetry.Ingest.Hosting;

/// <summary>What kept the service from starting, in words that say what to do.</summary>
internal static class StartProblem
{
    public static string Of(Exception error, ServiceOptions options)
    {
        if (error is IOException && (error.InnerException is SocketException || error.InnerException?.InnerException is SocketException))
            return $"{error.Message} Mqtt:Port = {options.MqttPort}, Http:Port = {options.HttpPort}: another program has one of them; stop it, or give a free port (0 takes any)";
        if (error is UnauthorizedAccessException)
            return $"{error.Message} It is not this user's to read and write, or a directory stands where a file must be: mend its owner and rights, or move it away";
        return error.Message;
    }
}
