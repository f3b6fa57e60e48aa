using System.Formats.Cbor;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Senml;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// Sensor Measurement Lists in CBOR (RFC 8428, section 6): an array of maps, whose labels are small numbers, or names as in JSON. Lengths may
/// be definite or not. Tags are passed over, but decimal fractions are numbers. Read strictly: of a label that comes twice nobody can say which one counts.
/// </summary>
internal sealed class SenmlCborFormat : IPayloadFormat
{
    public string Name => "senml-cbor";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        var pack = new SenmlPack(message.Device, message.Received, into);
        // The reader takes memory, not a span.
        var reader = new CborReader(message.Payload.ToArray(), CborConformanceMode.Strict);
        try
        {
            ReadPack(reader, pack);
        }
        catch (Exception error) when (error is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new MalformedMessageException(RejectReason.Malformed, $"not CBOR as SenML has it, at byte {message.Payload.Length - reader.BytesRemaining}, record {pack.Count}: {error.Message}");
        }
        return new(message.Gateway, GatewaySign.Reading);
    }

    private static void ReadPack(CborReader reader, SenmlPack pack)
    {
        var record = new SenmlRecord();
        SkipTags(reader);
        if (reader.PeekState() != CborReaderState.StartArray)
            throw new MalformedMessageException(RejectReason.Malformed, "no array; expected an array of records, also where there is one alone");
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            SkipTags(reader);
            record.Clear();
            if (reader.PeekState() != CborReaderState.StartMap)
                throw new MalformedMessageException(RejectReason.Malformed, $"record {pack.Count}: not a map");
            reader.ReadStartMap();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                if (Label(reader) is { } label)
                    record.Set(label, Value(reader));
                else
                    Skip(reader);
            }
            reader.ReadEndMap();
            pack.Add(record);
        }
        reader.ReadEndArray();
        if (reader.BytesRemaining > 0)
            throw new MalformedMessageException(RejectReason.Malformed, $"{reader.BytesRemaining} bytes behind the pack's end");
        pack.End();
    }

    private static SenmlLabel? Label(CborReader reader)
    {
        SkipTags(reader);
        switch (reader.PeekState())
        {
            case CborReaderState.TextString:
                return SenmlLabel.Find(reader.ReadTextString());
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                return SenmlLabel.Find(reader.ReadInt64());
            default:
                Skip(reader);
                return null;
        }
    }

    private static SenmlValue Value(CborReader reader)
    {
        while (reader.PeekState() == CborReaderState.Tag)
        {
            if (reader.ReadTag() == CborTag.DecimalFraction)
                return Fraction(reader);
        }
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger:
                return SenmlValue.Of(reader.ReadUInt64());
            case CborReaderState.NegativeInteger:
                return SenmlValue.Of(-1 - (double)reader.ReadCborNegativeIntegerRepresentation());
            case CborReaderState.SinglePrecisionFloat:
                return SenmlValue.Of(SinglePrecision.Widen(reader.ReadSingle()));
            case CborReaderState.HalfPrecisionFloat or CborReaderState.DoublePrecisionFloat:
                return SenmlValue.Of(reader.ReadDouble());
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                return SenmlValue.Of(reader.ReadTextString());
            case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                return SenmlValue.Of(reader.ReadByteString());
            case CborReaderState.Boolean:
                return SenmlValue.Of(reader.ReadBoolean());
            default:
                Skip(reader);
                return default;
        }
    }

    // The library's own reading of it fails on what a decimal can't hold, and takes as long as the exponent is great.
    private static SenmlValue Fraction(CborReader reader)
    {
        reader.ReadStartArray();
        var exponent = reader.ReadInt64();
        var mantissa = reader.ReadInt64();
        reader.ReadEndArray();
        // Dividing keeps 271e-1 what 27.1 is; multiplying by 0.1 would not.
        return SenmlValue.Of(exponent < 0 ? mantissa / Math.Pow(10, -(double)exponent) : mantissa * Math.Pow(10, exponent));
    }

    private static void SkipTags(CborReader reader)
    {
        while (reader.PeekState() == CborReaderState.Tag)
            reader.ReadTag();
    }

    /// <summary>Passes over one value, as deep as JSON may be: the library's own way keeps a frame for each level, and a byte can open one.</summary>
    private static void Skip(CborReader reader)
    {
        var outside = reader.CurrentDepth;
        do
        {
            SkipTags(reader);
            switch (reader.PeekState())
            {
                case CborReaderState.StartArray:
                    reader.ReadStartArray();
                    break;
                case CborReaderState.StartMap:
                    reader.ReadStartMap();
                    break;
                case CborReaderState.EndArray:
                    reader.ReadEndArray();
                    break;
                case CborReaderState.EndMap:
                    reader.ReadEndMap();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
            if (reader.CurrentDepth > NativeDecoder.MaxDepth)
                throw new MalformedMessageException(RejectReason.Malformed, $"arrays and maps nested over {NativeDecoder.MaxDepth} deep");
        }
        while (reader.CurrentDepth > outside);
    }
}
