using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CsCheck;
using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>Damage to the golden messages of a format: to its bytes, to whole JSON values, and to what a checksum would otherwise guard.</summary>
internal static class FuzzInputs
{
    // What replaces a JSON value.
    private static readonly byte[][] Values =
        [.. new[]
        {
            "null", "true", "0", "-1", "1e999", "-0.0", "9223372036854775808", "4294967296", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"undefined\"", "\"1970-01-01T00:00:00Z\"",
            "\"20151212T121212Z\"", "\"9999-12-31T23:59:59.999999999-23:59\"", "\"0001-01-01T00:00:00+23:59\"", "\"AAECAwQ=\"", "{}", "[]", "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
            "[null,{},[1,\"x\"]]", "{\"@iot.id\":1}", "{\"APPdata\":\"qg==\"}", "{\"\":{\"\":1}}", "{\"a\":1,\"a\":{\"b\":2}}",
        }.Select(Encoding.ASCII.GetBytes)];

    private static readonly Gen<Change> AnyChange = Gen.Select(Gen.Enum<ChangeKind>(), Gen.Int[0, 1 << 20], Gen.Byte, (kind, at, value) => new Change(kind, at, value));

    private enum ChangeKind
    {
        Set,
        Insert,
        Remove,
        CutOff,
        Repeat,
        Splice,
        JsonValue,
        JsonValueAgain,
    }

    /// <returns>Which case, and the message that it became.</returns>
    public static Gen<(int Case, byte[] Payload)> Of(string format, IReadOnlyList<GoldenCase> cases) => Gen.OneOf(
        Gen.Select(Gen.Int[0, cases.Count - 1], AnyChange.Array[1, 6], Gen.Bool, (index, changes, repair) => (index, Damaged(format, cases, index, changes, repair))),
        Gen.Select(Gen.Int[0, cases.Count - 1], Gen.Byte.Array[0, 200]));

    private static byte[] Damaged(string format, IReadOnlyList<GoldenCase> cases, int index, Change[] changes, bool repair)
    {
        var payloads = cases[index].Payloads;
        var bytes = payloads[changes[0].At % payloads.Count].ToList();
        foreach (var change in changes)
            Apply(change, bytes, cases[change.Value % cases.Count].Payloads[0]);
        var damaged = bytes.ToArray();
        return repair ? Repaired(format, damaged) : damaged;
    }

    private static void Apply(Change change, List<byte> bytes, byte[] other)
    {
        var at = bytes.Count == 0 ? 0 : change.At % bytes.Count;
        switch (change.Kind)
        {
            case ChangeKind.Set when bytes.Count > 0:
                bytes[at] = change.Value;
                break;
            case ChangeKind.Insert:
                bytes.Insert(at, change.Value);
                break;
            case ChangeKind.Remove:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, change.Value % 8));
                break;
            case ChangeKind.CutOff when change.Value % 4 == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case ChangeKind.Repeat:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, change.Value)));
                break;
            case ChangeKind.Splice when other.Length > 0:
                bytes.InsertRange(at, other[(change.At % other.Length)..]);
                break;
            case ChangeKind.JsonValue or ChangeKind.JsonValueAgain:
                Replace(bytes, change.At, Values[change.Value % Values.Length]);
                break;
        }
    }

    /// <summary>One value of a JSON text, object and array included, by another.</summary>
    private static void Replace(List<byte> bytes, int which, byte[] by)
    {
        var spans = new List<(int Start, int End)>();
        try
        {
            var reader = new Utf8JsonReader(bytes.ToArray());
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray or JsonTokenType.PropertyName)
                    continue;
                var inner = reader;
                inner.Skip();
                spans.Add(((int)reader.TokenStartIndex, (int)inner.BytesConsumed));
            }
        }
        catch (JsonException)
        {
            return;
        }
        var (start, end) = spans[which % spans.Count];
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, by);
    }

    /// <summary>With the length and checksum that its content should have: else nothing would come past them.</summary>
    private static byte[] Repaired(string format, byte[] bytes)
    {
        if (format == "hj212" && bytes.Length is > 10 and < 10_000)
        {
            var segment = bytes.AsSpan(6, bytes.Length - 10);
            return [.. Encoding.ASCII.GetBytes($"##{segment.Length:0000}"), .. segment, .. Encoding.ASCII.GetBytes($"{Crc16.Hj212(segment):X4}")];
        }
        if (format == "modbus-cover" && bytes.Length > 2)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(^2..), Crc16.Modbus(bytes.AsSpan(..^2)));
        return bytes;
    }

    private sealed record Change(ChangeKind Kind, int At, byte Value);
}
