using System.Net.Sockets;
using System.Text;
using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Tests.Gateways.Hj212;

/// <summary>A monitoring station: writes frames, reads answers.</summary>
internal sealed class Station(int port) : IDisposable
{
    private readonly TcpClient _client = new("127.0.0.1", port) { NoDelay = true };

    /// <summary>With its length and CRC, and the line's end.</summary>
    public static string Frame(string segment) => $"##{segment.Length:0000}{segment}{Crc16.Hj212(Encoding.ASCII.GetBytes(segment)):X4}\r\n";

    /// <summary>Real-time data of one value.</summary>
    public static string Upload(double value, int flag = 5, string station = "MN1", string password = "123456", string rest = "", string request = "20260301080000123") => Frame(
        FormattableString.Invariant($"QN={request};ST=32;CN=2011;PW={password};MN={station};Flag={flag}{rest};CP=&&DataTime=20260301075959;w00000-Rtd={value},w00000-Flag=N&&"));

    /// <summary>What acknowledges it.</summary>
    public static string Answer(string station = "MN1", string password = "123456", int flag = 4, string request = "20260301080000123") =>
        Frame($"QN={request};ST=91;CN=9014;PW={password};MN={station};Flag={flag};CP=&&&&");

    public Task SendAsync(string text) => _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>The next answer; empty once the service has closed the connection. Fails if neither comes within 20 s.</summary>
    public async Task<string> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Longest);
        var text = new StringBuilder();
        var one = new byte[1];
        try
        {
            while (await _client.GetStream().ReadAsync(one, deadline.Token) == 1)
            {
                text.Append((char)one[0]);
                if (one[0] == '\n')
                    break;
            }
        }
        catch (IOException)
        {
            // Closed with bytes unread: the same to a station.
        }
        return text.ToString();
    }

    /// <summary>Hangs up without waiting for anything.</summary>
    public void Dispose() => _client.Dispose();
}
