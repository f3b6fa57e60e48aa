namespace Telemetry.Ingest.Decoding;

/// <summary>Two checks of 16 bits with one polynomial (0xA001) that no library of ours has.</summary>
internal static class Crc16
{
    /// <summary>Modbus RTU. On the wire the low byte comes first.</summary>
    public static ushort Modbus(ReadOnlySpan<byte> bytes)
    {
        ushort check = 0xFFFF;
        foreach (var each in bytes)
            check = Shift((ushort)(check ^ each));
        return check;
    }

    /// <summary>HJ 212-2017, appendix A: only the check's high byte goes into the next step.</summary>
    public static ushort Hj212(ReadOnlySpan<byte> bytes)
    {
        ushort check = 0xFFFF;
        foreach (var each in bytes)
            check = Shift((ushort)((check >> 8) ^ each));
        return check;
    }

    private static ushort Shift(ushort check)
    {
        for (var bit = 0; bit < 8; bit++)
            check = (check & 1) == 0 ? (ushort)(check >> 1) : (ushort)((check >> 1) ^ 0xA001);
        return check;
    }
}
