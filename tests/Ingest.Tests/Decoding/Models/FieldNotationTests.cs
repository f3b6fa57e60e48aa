using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Tests.Decoding.Models;

public class FieldNotationTests
{
    [Theory]
    [InlineData("u8", "FF", 255)]
    [InlineData("i8", "FF", -1)]
    [InlineData("u16", "0102", 258)]
    [InlineData("i16", "FFFE", -2)]
    [InlineData("u24", "010203", 66051)]
    [InlineData("i24", "FFFFFF", -1)]
    [InlineData("u32", "FFFFFFFF", 4294967295)]
    [InlineData("i32", "80000000", -2147483648)]
    [InlineData("i40", "FFFFFFFFFE", -2)]
    [InlineData("u64", "0000000100000000", 4294967296)]
    [InlineData("i64", "FFFFFFFFFFFFFFFF", -1)]
    [InlineData("f32", "3F800000", 1)]
    [InlineData("f64", "BFF8000000000000", -1.5)]
    [InlineData("i16 / 10", "011C", 28.4)]
    [InlineData("i16 * 3 / 10", "000A", 3)]
    [InlineData("u16 bits 0..13", "8B45", 2885)]
    [InlineData("u16 bit 15", "8B45", 1)]
    [InlineData("u16 bit 14", "8B45", 0)]
    [InlineData("i16 bits 1..15 / 100", "FFFF", -0.01)]
    [InlineData("i8 bits 4..7", "8F", -8)]
    [InlineData("u64 bits 63..63", "8000000000000000", 1)]
    [InlineData("u8 at 1", "0007", 7)]
    public void A_big_endian_field_is_read(string notation, string hex, double expected) => Assert.Equal(expected, Read(notation, hex, bigEndian: true).Number);

    [Theory]
    [InlineData("u16", "0102", 513)]
    [InlineData("i24", "FEFFFF", -2)]
    [InlineData("f32", "0000803F", 1)]
    [InlineData("i16 bits 1..15 / 100", "5046", 90)]
    public void A_little_endian_field_is_read(string notation, string hex, double expected) => Assert.Equal(expected, Read(notation, hex, bigEndian: false).Number);

    [Fact]
    public void Text_ends_where_zeros_and_blanks_begin() => Assert.Equal("AB", Read("ascii 4", "41420020", bigEndian: true).Text);

    [Theory]
    [InlineData("")]
    [InlineData("u0")]
    [InlineData("u12")]
    [InlineData("u72")]
    [InlineData("u-8")]
    [InlineData("f16")]
    [InlineData("ascii")]
    [InlineData("ascii 0")]
    [InlineData("skip 4097")]
    [InlineData("u8 bits 0..8")]
    [InlineData("u8 bits 3..2")]
    [InlineData("f32 bit 0")]
    [InlineData("ascii 2 / 10")]
    [InlineData("u8 * NaN")]
    [InlineData("u8 at -1")]
    [InlineData("u8 twice")]
    public void What_is_no_field_is_told_so(string notation)
    {
        Assert.Null(FieldNotation.Parse("a", notation, 0, out var error));
        Assert.StartsWith($"'{notation}'", error, StringComparison.Ordinal);
        Assert.EndsWith(FieldNotation.Expected, error, StringComparison.Ordinal);
    }

    private static Field Read(string notation, string hex, bool bigEndian) => FieldNotation.Parse("a", notation, 0, out _)!.Read(Convert.FromHexString(hex), bigEndian);
}
