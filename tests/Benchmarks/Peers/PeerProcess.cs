using System.Diagnostics;
using System.Text;

namespace Telemetry.Benchmarks.Peers;

/// <summary>A subject's program, with what it says kept for the case that it fails.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private const int MostKept = 20_000;
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(15);
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    public PeerProcess(string program, IEnumerable<string> arguments, Action<string>? line = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_ENV"] = "production";
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        _process.OutputDataReceived += (_, said) => Take(said.Data, line);
        _process.ErrorDataReceived += (_, said) => Take(said.Data, null);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>As <c>kill -9</c> of the program alone; what it had started gets time to notice.</summary>
    public async Task KillAsync()
    {
        var tree = ProcessTree.Of(Id);
        _process.Kill();
        await EndedAsync(tree, TimeSpan.FromSeconds(1));
    }

    /// <summary>SIGTERM, as systemd does, and SIGKILL where that was not heard.</summary>
    public async Task StopAsync()
    {
        var tree = ProcessTree.Of(Id);
        ProcessTree.Terminate(Id);
        await EndedAsync(tree, LongestStop);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            var tree = ProcessTree.Of(Id);
            tree.ForEach(ProcessTree.Kill);
            await EndedAsync(tree, TimeSpan.Zero);
        }
        _process.Dispose();
    }

    private async Task EndedAsync(List<int> tree, TimeSpan patience)
    {
        var begun = TimeProvider.System.GetTimestamp();
        await Wait.ForAsync($"the end of {_process.StartInfo.FileName}", () =>
        {
            var left = tree.Where(pid => ProcessTree.Of(pid).Contains(pid)).ToList();
            if (TimeProvider.System.GetElapsedTime(begun) > patience)
                left.ForEach(ProcessTree.Kill);
            return left.Count == 0;
        });
        await _process.WaitForExitAsync();
    }

    private void Take(string? said, Action<string>? line)
    {
        if (said is null)
            return;
        line?.Invoke(said);
        lock (_said)
        {
            if (_said.Length < MostKept)
                _said.AppendLine(said);
        }
    }
}
