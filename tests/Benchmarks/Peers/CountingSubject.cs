using System.Globalization;

namespace Telemetry.Benchmarks.Peers;

/// <summary>A limit: a command of this program that takes readings, keeps none of them for anybody, and prints how many it has had.</summary>
internal sealed class CountingSubject(Stand stand, params string[] command) : ProgramSubject(stand)
{
    private readonly int _port = FreePort.Next();
    private long _count;

    public override int PublishPort => Stand.Broker?.Port ?? _port;

    public override async Task StartAsync()
    {
        await base.StartAsync();
        await Wait.ForAsync($"{command[0]} counts", () =>
        {
            MustLive();
            return Interlocked.Read(ref _count) >= 0;
        });
    }

    public override Task<long> ArrivedAsync() => Task.FromResult(Interlocked.Read(ref _count));

    public override Task<HashSet<long>?> KeysAsync() => Task.FromResult<HashSet<long>?>(null);

    protected override PeerProcess Launch()
    {
        _count = -1;
        return new PeerProcess("dotnet", [Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), .. command, $"{PublishPort}", .. Stand.Broker is null ? (string[])[Stand.Folder] : []], line => Interlocked.Exchange(ref _count, long.Parse(line, CultureInfo.InvariantCulture)));
    }
}
