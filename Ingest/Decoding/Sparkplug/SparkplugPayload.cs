using Google.Protobuf;
using Google.Protobuf.Reflection;
using Org.Eclipse.Tahu.Protobuf;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>A message's bytes by the specification's schema.</summary>
internal static class SparkplugPayload
{
    // Two bytes make an object of some 200; a birth of this many metrics with properties is a large one.
    private const int MaxObjects = 100_000;
    private const int MaxDepth = 16;

    // Not of the specification: some clients deflate a whole payload into the body of another.
    private const string Compressed = "SPBV1.0_COMPRESSED";

    /// <exception cref="MalformedMessageException"/>
    public static Payload Parse(ReadOnlySpan<byte> bytes)
    {
        Payload payload;
        try
        {
            var copy = bytes.ToArray();
            using var counted = new CodedInputStream(copy);
            var objects = 0;
            Count(counted, Payload.Descriptor, copy.Length, 0, ref objects);
            payload = Payload.Parser.ParseFrom(copy);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new MalformedMessageException(RejectReason.Malformed, $"not a payload of Sparkplug B: {error.Message}");
        }
        if (payload.Uuid == Compressed)
            throw new MalformedMessageException(RejectReason.Unsupported, $"uuid {Compressed}: compressed payloads are not read; switch the compression off at the edge node");
        return payload;
    }

    /// <summary>The part of the specification that comes for each metric of the sender's choosing: which objects there will be, before they are.</summary>
    private static void Count(CodedInputStream input, MessageDescriptor message, long end, int depth, ref int objects)
    {
        if (depth > MaxDepth)
            throw new MalformedMessageException(RejectReason.Malformed, $"templates and property sets nested over {MaxDepth} deep");
        while (input.Position < end)
        {
            var tag = input.ReadTag();
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }
            if (++objects > MaxObjects)
                throw new MalformedMessageException(RejectReason.TooManyElements, $"more than {MaxObjects} metrics, properties and texts in one message");
            if (message.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag)) is not { FieldType: FieldType.Message } field)
            {
                input.SkipLastField();
                continue;
            }
            var length = input.ReadLength();
            if (length > end - input.Position)
                throw new MalformedMessageException(RejectReason.Malformed, $"a {field.Name} of {length} bytes where {end - input.Position} are left");
            Count(input, field.MessageType, input.Position + length, depth + 1, ref objects);
        }
        if (input.Position != end)
            throw new MalformedMessageException(RejectReason.Malformed, $"a {message.Name} that ends within a field");
    }
}
