using CsCheck;

namespace Telemetry.Tests.Shared;

/// <summary>
/// The same cases in each run, so that a build that passed passes again. Other cases: <c>CsCheck_Seed</c> (one), <c>CsCheck_Time=40</c> (as many as 40 s
/// bring, for each property), and <c>TELEMETRY_LONG</c>. The seed that a failure prints is that of its case only then; otherwise run it again.
/// </summary>
internal static class Repeatable
{
    private static readonly bool IsExploring = new[] { "CsCheck_Seed", "CsCheck_Time", "TELEMETRY_LONG" }.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });

    /// <summary>Each case comes from its number alone, on whichever thread it is drawn.</summary>
    public static Gen<T> Repeatably<T>(this Gen<T> gen) => IsExploring ? gen : new Numbered<T>(gen);

    private sealed class Numbered<T>(Gen<T> gen) : Gen<T>
    {
        private readonly PCG _seeds = new(stream: 1, seed: 2026);

        public override T Generate(PCG pcg, Size? min, out Size size)
        {
            ulong seed;
            lock (_seeds)
                seed = _seeds.Next64();
            return gen.Generate(new PCG(stream: 1, seed), min, out size);
        }
    }
}
