using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Telemetry.Tests.Shared;

/// <summary>Ports for what a test starts.</summary>
internal static class FreePort
{
    /// <summary>One that is free now and stays the same over restarts: below those that the system takes for outgoing connections, one of which may have it before it is listened to.</summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(20_000, 32_768));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
