using System.Web;
using CsCheck;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.OperatorPage.Charts;
using Telemetry.Ingest.OperatorPage.Register;
using Telemetry.Ingest.OperatorPage.Trends;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>An address is what one person sends another: it says the same to both.</summary>
public sealed class AddressTests
{
    private static readonly Gen<TrendAddress> AnyTrend =
        from channels in Gen.Select(Gen.String[Gen.Char["abPS-_.:1"], 1, 12], Gen.String[Gen.Char["abc_.1"], 1, 12]).Array[0, TrendAddress.Most]
        from range in Gen.Int[0, ChartRange.All.Count - 1]
        from held in Gen.Bool
        from to in Gen.Long[1_700_000_000_000, 1_800_000_000_000]
        select new TrendAddress([.. channels.Select(channel => new TrendChannel(channel.Item1, channel.Item2)).Distinct()], ChartRange.All[range], held ? to : null);

    [Fact]
    public void Trends_are_read_as_they_were_written() => AnyTrend.Repeatably().Sample(address =>
    {
        var query = HttpUtility.ParseQueryString(address.ToString()["trends".Length..]);
        var read = TrendAddress.Parse(query.GetValues("c"), query["range"], query["to"]);
        Assert.Equal(address.ToString(), read.ToString());
        Assert.Equal(address.Channels, read.Channels);
    });

    [Theory]
    [InlineData("a:b", "a", "b")]
    [InlineData("24:E1:24:pump_run.2", "24:E1:24", "pump_run.2")]
    [InlineData("a:", null, null)]
    [InlineData(":b", null, null)]
    [InlineData("ab", null, null)]
    [InlineData("", null, null)]
    public void A_channel_stands_behind_the_last_colon(string text, string? device, string? channel) =>
        Assert.Equal(device is null ? null : new TrendChannel(device, channel!), TrendChannel.Parse(text));

    [Fact]
    public void More_than_can_be_told_apart_and_what_is_no_range_or_time_is_left_out()
    {
        var read = TrendAddress.Parse(["a:1", "a:1", "b:1", "c:1", "d:1", "e:1", "f:1", "g:1", "x"], "1y", "yesterday");
        Assert.Equal(["a:1", "b:1", "c:1", "d:1", "e:1", "f:1"], read.Channels.Select(channel => channel.ToString()));
        Assert.Equal(("1h", null), (read.Range.Name, read.To));
    }

    [Theory]
    [InlineData("", "", "", "", "", 1, "register", "a b c")]
    [InlineData("minde GW", "", "", "", "", 1, "register?q=minde%20GW", "")]
    [InlineData("road 24e1", "", "", "", "", 1, "register?q=road%2024e1", "b")]
    [InlineData("", "public_toilet", "", "", "live", 2, "register?family=public_toilet&state=live&page=2", "c")]
    [InlineData("", "", "Donghu", "gw-1", "", 1, "register?district=Donghu&gateway=gw-1", "a")]
    [InlineData("", "", "", "", "drill", 1, "register?state=drill", "b")]
    public void The_register_shows_what_has_all_the_words_and_its_address_says_so(string text, string family, string district, string gateway, string state, int page, string address, string found)
    {
        Device[] devices =
        [
            new() { Id = "c", Family = "public_toilet" },
            new() { Id = "a", Family = "drainage_pump", District = "Donghu", Gateway = "gw-1", Street = "Minde Road" },
            new() { Id = "b", Family = "drainage_pump", District = "Donghu", Gateway = "gw-2", Street = "Bayi Road", State = "drill", Sensors = new SortedDictionary<string, string> { ["24E124"] = "" } },
        ];
        var filter = new RegisterFilter(text, family, district, gateway, state, page);
        Assert.Equal(address, filter.ToString());
        Assert.Equal(found, string.Join(' ', filter.Of(devices).Select(device => device.Id)));
    }

    [Fact]
    public void A_device_goes_through_the_form_unchanged_and_keeps_its_mode()
    {
        var device = new Device
        {
            Id = "ps-1", Family = "drainage_pump", Model = "m", Gateway = "gw-1", District = "Donghu", Street = "Minde Road", Latitude = 28.6853, Longitude = 115.8992, Address = "7", Parent = "st-1", Heartbeat = "60s",
            State = "drill", StateReason = "flood", StateUntil = "2026-07-01T08:00:00Z",
            Settings = new SortedDictionary<string, string> { ["high_level"] = "240 cm" }, Links = new SortedDictionary<string, string> { ["gauge"] = "RG-1", ["catchment"] = "C-7" },
            Sensors = new SortedDictionary<string, string> { ["24E124"] = "milesight-vs330 5", ["24E125"] = "" },
        };
        var again = DeviceDraft.Of(device).ToBody(device).ToDevice(device.Id);
        Assert.Empty(DeviceChanges.Between(device, again));
    }

    [Fact]
    public void What_the_form_cannot_read_is_said()
    {
        var draft = new DeviceDraft { Id = "ps-1", Family = "drainage_pump", Latitude = "28,7" };
        Assert.StartsWith("latitude \"28,7\"", Assert.Throws<ApiException>(() => draft.ToBody()).Message, StringComparison.Ordinal);
        draft = new DeviceDraft { Id = "ps-1", Family = "drainage_pump", Links = "gauge=a; gauge=b" };
        Assert.StartsWith("links \"gauge\"", Assert.Throws<ApiException>(() => draft.ToBody()).Message, StringComparison.Ordinal);
    }
}
