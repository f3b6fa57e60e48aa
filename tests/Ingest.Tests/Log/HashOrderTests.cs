using CsCheck;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Tests.Log;

public sealed class HashOrderTests
{
    [Fact]
    public void Sorts_as_comparing_would()
    {
        // Few hashes, and such as differ in their lower bits alone: what the upper bits leave together is put in order too.
        var hash = Gen.OneOf(Gen.ULong[0, 5], Gen.ULong, Gen.ULong[0, 3].Select(low => 0xF0F0_F0F0_0000_0000 + low), Gen.Const(ulong.MaxValue));
        Gen.Select(hash, Gen.UInt[0, 4], Gen.UInt[0, 4], (of, offset, ordinal) => new KeyRecord(of, offset, ordinal)).List[0, 300].Repeatably().Sample(records =>
        {
            var expected = records.Order().ToList();
            HashOrder.Sort(records, record => record.Hash);
            Assert.Equal(expected, records);
        });
    }
}
