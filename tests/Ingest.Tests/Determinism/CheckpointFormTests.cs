using System.Security.Cryptography;
using System.Text;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Ingest.Tests.Determinism;

/// <summary>A build that reads another build's checkpoint as its own stops at the start, or goes on with nonsense.</summary>
public sealed class CheckpointFormTests
{
    private const string Known = "14 37BAF747";

    [Fact]
    public void What_the_rules_remember_changes_its_form_with_its_number_alone()
    {
        using var timeline = RandomLog.Begin();
        RandomLog.Write(timeline, [.. Steps()]);
        Assert.True(timeline.Transitions.Count > 500);
        using var form = new Form();
        timeline.Pipeline.Save(form);

        var seen = $"{Checkpoint.Version} {form.Hash}";
        Assert.True(seen == Known, $"Known = \"{Known}\", seen \"{seen}\": where a stage writes something else than before, raise Checkpoint.Version; then write what was seen here");
    }

    private static IEnumerable<(int Kind, int Device, int Value, int Step, int Late)> Steps()
    {
        // Numerical Recipes' generator: the same log for ever.
        var state = 1U;
        for (var i = 0; i < 4_000; i++)
            yield return (Next(20), Next(6), Next(41), Next(41), Next(31));

        int Next(uint below) => (int)(((state = (1_664_525 * state) + 1_013_904_223) >> 8) % below);
    }

    /// <summary>Hears which types are written behind which, and not what: how many of a kind there are is no form.</summary>
    private sealed class Form() : BinaryWriter(Stream.Null)
    {
        private const int Behind = 6;

        private readonly SortedSet<string> _seen = new(StringComparer.Ordinal);
        private string _last = "";

        public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', _seen))).AsSpan(0, 4));

        public override void Write(bool value) => Hear('o');

        public override void Write(byte value) => Hear('b');

        public override void Write(byte[] buffer) => Hear('a');

        public override void Write(ReadOnlySpan<byte> buffer) => Hear('a');

        public override void Write(int value) => Hear('i');

        public override void Write(uint value) => Hear('u');

        public override void Write(short value) => Hear('h');

        public override void Write(ushort value) => Hear('t');

        public override void Write(long value) => Hear('l');

        public override void Write(ulong value) => Hear('g');

        public override void Write(double value) => Hear('d');

        public override void Write(float value) => Hear('f');

        public override void Write(string value) => Hear('s');

        private void Hear(char type)
        {
            _last = (_last.Length < Behind ? _last : _last[1..]) + type;
            _seen.Add(_last);
        }
    }
}
