using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Bodies as earlier versions wrote them.</summary>
public sealed class EntryVersionTests
{
    [Theory]
    [InlineData(new byte[] { 1, (byte)'1' }, false)]
    [InlineData(new byte[] { 1, (byte)'1', 0 }, false)]
    [InlineData(new byte[] { 1, (byte)'1', 1 }, true)]
    [InlineData(new byte[] { 1, (byte)'1', 3, 9, 9 }, true)]
    public void A_start_entry_without_the_flag_asks_for_no_adoption_and_what_a_later_version_appends_is_ignored(byte[] body, bool adoption)
    {
        var entry = Assert.IsType<ServiceStartedEntry>(EntryCodec.Read(EntryKind.ServiceStarted, body, 1, 0, new StringTable(16)));
        Assert.Equal(("1", adoption), (entry.EngineVersion, entry.Adoption));
    }
}
