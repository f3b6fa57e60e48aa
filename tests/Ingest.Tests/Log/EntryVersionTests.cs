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

    [Fact]
    public void An_action_that_ends_with_its_until_has_none_of_what_came_later()
    {
        byte[] body = [3, .."ack"u8, 1, (byte)'a', 2, .."Li"u8, 0, 4, .."why"u8, 1, 20];
        var entry = Assert.IsType<ActionEntry>(EntryCodec.Read(EntryKind.Action, body, 1, 0, new StringTable(16)));
        Assert.Equal(("ack", "a", "Li", null, "why", 10L), (entry.Action, entry.Alarm, entry.By, entry.Comment, entry.Reason, entry.Until));
        Assert.Equal((null, null, null, false, false), (entry.Second, entry.Permit, entry.Place, entry.CheckedOnSite, entry.OneShot));
    }

    [Theory]
    [InlineData(new byte[0], null, "")]
    [InlineData(new byte[] { 2, (byte)'u', 2, (byte)'r' }, "u", "")]
    [InlineData(new byte[] { 0, 0, 0 }, null, "")]
    [InlineData(new byte[] { 0, 0, 1, 2, (byte)'w', (byte)'1', 1, (byte)'m' }, null, "w1=m")]
    [InlineData(new byte[] { 0, 0, 0, 2, (byte)'e', 9, 9 }, null, "", "e")]
    public void A_device_entry_of_an_earlier_version_has_no_sensors_and_no_exercise_and_what_a_later_one_appends_is_passed_over(byte[] appended, string? until, string sensors, string? exercise = null)
    {
        byte[] body = [2, .."Li"u8, 1, (byte)'d', 1, (byte)'f', 0, 0, 0, 0, 0, 0, 0, 0, 4, .."live"u8, 0, 0, .. appended];
        var device = Assert.IsType<DeviceEntry>(EntryCodec.Read(EntryKind.Device, body, 1, 0, new StringTable(16))).Device;
        Assert.Equal(("d", "f", "live", until, exercise), (device.Id, device.Family, device.State, device.StateUntil, device.Exercise));
        Assert.Equal(sensors, string.Join(';', device.Sensors.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData(new byte[] { 0x28, 0, 0, 0, 0, 0, 0, 4, 64 }, Quality.Bad, null)]
    [InlineData(new byte[] { 0x2C, 0, 0, 0, 0, 0, 0, 4, 64 }, Quality.Stale, null)]
    [InlineData(new byte[] { 0x38, 0, 0, 0, 0, 0, 0, 4, 64, 2, (byte)'n', (byte)'o' }, Quality.Bad, "no")]
    public void A_value_of_an_earlier_version_has_no_reason_of_its_quality(byte[] value, Quality quality, string? why)
    {
        byte[] body = [1, (byte)'g', 1, (byte)'f', 1, (byte)'d', 0, 0, 1, 1, (byte)'c', .. value];
        var entry = Assert.IsType<ReadingEntry>(EntryCodec.Read(EntryKind.Reading, body, 1, 0, new StringTable(16)));
        Assert.Equal(new ChannelValue("c", ValueKind.Number, 2.5, null, quality, why), Assert.Single(entry.Reading.Values));
    }

    [Theory]
    [InlineData(new byte[] { 1, (byte)'f', 1, (byte)'h', 1, (byte)'t' }, null, null)]
    [InlineData(new byte[] { 1, (byte)'f', 1, (byte)'h', 1, (byte)'t', 0, 0 }, null, null)]
    [InlineData(new byte[] { 1, (byte)'f', 1, (byte)'h', 1, (byte)'t', 3, (byte)'L', (byte)'i', 0, 9 }, "Li", null)]
    [InlineData(new byte[] { 1, (byte)'f', 1, (byte)'h', 1, (byte)'t', 3, (byte)'L', (byte)'i', 3, (byte)'W', (byte)'u' }, "Li", "Wu")]
    public void A_family_entry_of_an_earlier_version_names_nobody(byte[] body, string? by, string? approvedBy)
    {
        var entry = Assert.IsType<FamilyEntry>(EntryCodec.Read(EntryKind.Family, body, 1, 0, new StringTable(16)));
        Assert.Equal(("f", "h", "t", by, approvedBy), (entry.Family, entry.Hash, entry.Text, entry.By, entry.ApprovedBy));
    }
}
