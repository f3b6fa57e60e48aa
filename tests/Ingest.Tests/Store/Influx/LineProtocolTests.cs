using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx;

/// <summary>Whatever stands in the register or in a state comes back from the real server as it went in.</summary>
public class LineProtocolTests(InfluxdFixture influx)
{
    private const long T0 = 1_732_440_000_000;

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String[Gen.OneOf(Gen.OneOf(',', '=', ' ', '\\', '"', '\'', '\n', '\r', '\t', '井', 'é', '#', '`', '/'), Gen.Char['a', 'c']), 0, 12],
        Gen.String[Gen.Char, 0, 12],
        Gen.OneOf("越秀区 中山路", "😀", "a\\", "\\", "\\\\", "\\,", " ", "=", ",", "\"", "", "#x", "𝟘"));

    [Fact]
    public async Task Every_district_street_and_state_name_comes_back()
    {
        var database = await influx.NewDatabaseAsync();
        await using var store = influx.Store(database);
        var position = 0L;
        await Gen.Select(Texts, Texts, Texts).Repeatably().SampleAsync(
            async texts =>
            {
                var (district, street, state) = texts;
                position++;
                var point = new Point("drainage_pump", "D-1", "cover_state", T0 + position, T0, ValueKind.State, 0, "=" + state, Quality.Good, null, Origin: new Origin(position, "GW-1", new Place(district, street), T0));
                await store.WriteAsync([point], position, TestContext.Current.CancellationToken);

                var row = Assert.Single(await influx.Server.RowsAsync($"SELECT cover_state_name, district, street FROM drainage_pump WHERE time >= {T0 + position}ms AND time < {T0 + position + 1}ms", database));
                Assert.Equal("=" + Encoded(state), row[1].GetString());
                Assert.Equal(Tag(district), row[2].GetString() ?? "");
                Assert.Equal(Tag(street), row[3].GetString() ?? "");
            },
            iter: 400,
            threads: 1);
        Assert.Empty((IEnumerable<KeyValuePair<string, long>>)store.Refused.Counts);
    }

    /// <summary>InfluxDB finds the end of a line by rules of its own: it once lost this point, and the line after it.</summary>
    [Fact]
    public async Task A_backslash_before_an_escape_and_a_line_break_in_a_text_lose_no_point()
    {
        var database = await influx.NewDatabaseAsync();
        await using var store = influx.Store(database);
        var point = new Point("drainage_pump", "D-1", "cover_state", T0, T0, ValueKind.State, 0, "`\n ", Quality.Good, null, Origin: new Origin(1, "GW-1", new Place("'\\ ", "\\,"), T0));
        await store.WriteAsync([point], 1, TestContext.Current.CancellationToken);

        var row = Assert.Single(await influx.Server.RowsAsync("SELECT cover_state_name, district, street FROM drainage_pump", database));
        Assert.Equal(["`\n ", "'＼ ", "＼,"], row[1..4].Select(value => value.GetString()!));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(-1e-300)]
    [InlineData(1e21)]
    [InlineData(123456789012345678)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MinValue)]
    public async Task Every_number_comes_back_to_its_last_bit(double number)
    {
        await using var store = influx.Store(await influx.NewDatabaseAsync());
        await store.WriteAsync([new Point("drainage_pump", "D-1", "level", T0, T0, ValueKind.Number, number, null, Quality.Good, null)], 1, TestContext.Current.CancellationToken);
        Assert.Equal(number, Assert.Single(await store.ReadAsync("D-1", "level", T0, T0 + 1, 10, TestContext.Current.CancellationToken)).Number);
    }

    /// <summary>What docs/influx.md says of line breaks and of a backslash at the end or before what is escaped.</summary>
    private static string Tag(string text)
    {
        var tag = string.Concat(text.Select(c => c is < ' ' or '\x7f' ? '\uFFFD' : c));
        return Encoded(Regex.Replace(tag, @"\\(?=[,= ]|\z)", "＼"));
    }

    /// <summary>Half a surrogate pair is no character.</summary>
    private static string Encoded(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
