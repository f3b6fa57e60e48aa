using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;
using PropertyValue = Org.Eclipse.Tahu.Protobuf.Payload.Types.PropertyValue;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>A metric's value, quality and unit as a field.</summary>
internal static class MetricReader
{
    private const string QualityProperty = "Quality";
    private const string UnitProperty = "engUnit";

    /// <returns>Null, and what is wrong, for a value of a kind that no channel has; null and nothing for a metric without a value before its first one.</returns>
    public static Field? Read(Metric metric, KnownMetric known, out (string Reason, string What)? problem)
    {
        problem = null;
        known.Unit = UnitOf(metric) ?? known.Unit;
        if (metric.IsNull || metric.ValueCase == Metric.ValueOneofCase.None)
        {
            if (!metric.IsNull)
                problem = (RejectReason.NoValues, $"metric {known.Name}: neither a value nor is_null");
            // There is no value now; the one before is kept, and nobody may trust it.
            return metric.IsNull && known.Last is { } last ? last with { Quality = Quality.Bad, Why = "null" } : null;
        }
        if (metric.ValueCase == Metric.ValueOneofCase.StringValue && metric.StringValue.Length > KnownMetric.MaxText)
        {
            problem = (RejectReason.WrongType, $"metric {known.Name}: a text of {metric.StringValue.Length} characters; at most {KnownMetric.MaxText} are read");
            return null;
        }
        var field = ValueOf(metric, known);
        if (field is null)
            problem = (RejectReason.Unsupported, $"metric {known.Name}: {metric.ValueCase} of type {TypeName(known.DataType)}; numbers, booleans and texts are read, and the members of templates");
        return field is { } read ? Judged(read, metric) : null;
    }

    private static Field? ValueOf(Metric metric, KnownMetric known) => metric.ValueCase switch
    {
        Metric.ValueOneofCase.IntValue => Field.Of(known.Name, Signed(metric.IntValue, known.DataType), known.Unit),
        Metric.ValueOneofCase.LongValue => Field.Of(known.Name, Signed(metric.LongValue, known.DataType), known.Unit),
        Metric.ValueOneofCase.FloatValue => Field.Of(known.Name, SinglePrecision.Widen(metric.FloatValue), known.Unit),
        Metric.ValueOneofCase.DoubleValue => Field.Of(known.Name, metric.DoubleValue, known.Unit),
        Metric.ValueOneofCase.BooleanValue => Field.Of(known.Name, metric.BooleanValue),
        Metric.ValueOneofCase.StringValue => Field.Of(known.Name, metric.StringValue),
        _ => null,
    };

    // Negative numbers are sent as the two's complement of their type's width, or of the field's.
    private static double Signed(uint value, uint dataType) => (DataType)dataType switch
    {
        DataType.Int8 => (sbyte)value,
        DataType.Int16 => (short)value,
        DataType.Int32 => (int)value,
        _ => value,
    };

    private static double Signed(ulong value, uint dataType) => (DataType)dataType switch
    {
        DataType.Int64 => (long)value,
        // Some clients widen them.
        DataType.Int8 or DataType.Int16 or DataType.Int32 => (int)value,
        _ => value,
    };

    private static Field Judged(Field field, Metric metric)
    {
        if (PropertyOf(metric, QualityProperty) is not { } quality)
            return field;
        return NumberOf(quality) switch
        {
            192 => field,
            0 => field with { Quality = Quality.Bad, Why = "quality 0" },
            500 => field with { Quality = Quality.Stale, Why = "quality 500" },
            { } other => field with { Quality = Quality.Uncertain, Why = $"quality {other}" },
            null => field with { Quality = Quality.Uncertain, Why = "quality no number" },
        };
    }

    // The specification wants an Int32; some clients widen it.
    private static ulong? NumberOf(PropertyValue value) => value.ValueCase switch
    {
        PropertyValue.ValueOneofCase.IntValue => value.IntValue,
        PropertyValue.ValueOneofCase.LongValue => value.LongValue,
        _ => null,
    };

    /// <summary>What edge nodes write in their <c>engUnit</c>, as UCUM has it where that is plain.</summary>
    private static string? UnitOf(Metric metric) => PropertyOf(metric, UnitProperty)?.StringValue switch
    {
        null or "" => null,
        "°C" or "℃" or "degC" or "C" => "Cel",
        "°" => "deg",
        // No unit of anything: values in it are refused by that.
        { Length: > KnownMetric.MaxText } endless => endless[..KnownMetric.MaxText] + "…",
        var other => other.Replace('³', '3').Replace('²', '2').Replace('µ', 'u').Replace('μ', 'u'),
    };

    private static PropertyValue? PropertyOf(Metric metric, string key)
    {
        var index = metric.Properties?.Keys.IndexOf(key) ?? -1;
        return index >= 0 && index < metric.Properties!.Values.Count && !metric.Properties.Values[index].IsNull ? metric.Properties.Values[index] : null;
    }

    private static string TypeName(uint dataType) => Enum.IsDefined(typeof(DataType), (int)dataType) ? ((DataType)dataType).ToString() : $"{dataType}";
}
