using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Telemetry.Tests.Shared;

/// <summary>Ports for what a test starts.</summary>
internal static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>Each time another one, that is free now and stays the same over restarts: below those that the system takes for outgoing connections, one of which may have it before it is listened to.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_768);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                if (Given.TryAdd(port, true))
                    return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
