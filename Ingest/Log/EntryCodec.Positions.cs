using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

internal static partial class EntryCodec
{
    private static void WritePosition(ByteWriter to, PositionEntry entry)
    {
        to.Byte((byte)entry.Action);
        to.String(entry.Name);
        to.String(entry.By);
        to.OptionalString(entry.Person);
        to.OptionalString(entry.Text);
        to.OptionalString(entry.Hash);
        to.Zigzag(entry.Handover);
        to.Varint((ulong)entry.Seen.Count);
        foreach (var alarm in entry.Seen)
            to.String(alarm);
    }

    private static PositionEntry ReadPosition(ref ByteReader from) => new((PositionAction)from.Byte(), from.String(), from.String())
    {
        Person = from.OptionalString(),
        Text = from.OptionalString(),
        Hash = from.OptionalString(),
        Handover = from.Zigzag(),
        Seen = ReadStrings(ref from),
    };

    private static string[] ReadStrings(ref ByteReader from)
    {
        var strings = new string[from.Count()];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = from.String();
        return strings;
    }
}
