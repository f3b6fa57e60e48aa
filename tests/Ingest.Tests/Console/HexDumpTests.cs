using System.Text;
using Telemetry.Ingest.OperatorPage.DeadLetters;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>A dead letter's bytes for a person.</summary>
public sealed class HexDumpTests
{
    [Fact]
    public void Sixteen_bytes_a_line_with_their_place_and_their_letters()
    {
        var bytes = Encoding.ASCII.GetBytes("{\"values\":1.5}\n").Concat<byte>([0xFF, 0x41]).ToArray();
        Assert.Equal(
            "0000  7b 22 76 61 6c 75 65 73  22 3a 31 2e 35 7d 0a ff  {\"values\":1.5}..\n"
            + "0010  41                                                A\n",
            HexDump.Of(bytes));
        Assert.Equal("", HexDump.Of([]));
        Assert.Equal(2, HexDump.Of(new byte[100], most: 20).Count(letter => letter == '\n'));
    }

    [Fact]
    public void Text_is_what_can_be_read_as_text()
    {
        Assert.Equal("水位\n", HexDump.Text(Encoding.UTF8.GetBytes("水位\n")));
        Assert.Null(HexDump.Text([0xC3, 0x28]));
        Assert.Null(HexDump.Text([0x41, 0x00]));
    }
}
