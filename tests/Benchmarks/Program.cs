namespace Telemetry.Benchmarks;

internal static class EntryPoint
{
    private static void Main(string[] args) =>
        BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args);
}
