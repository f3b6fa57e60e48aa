using BenchmarkDotNet.Running;
using Telemetry.Benchmarks.EndToEnd;

namespace Telemetry.Benchmarks;

internal static class EntryPoint
{
    private static Task<int> Main(string[] args)
    {
        if (args is ["end-to-end", .. var rest])
            return EndToEndCommand.Create().Parse(rest).InvokeAsync();
        BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args);
        return Task.FromResult(0);
    }
}
