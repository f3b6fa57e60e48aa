using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>What a JSON value holds as fields of a report.</summary>
internal static class JsonFields
{
    private const int MaxName = 128;

    // Of empty objects and nulls too, which become no field.
    private const int MaxItems = 4 * NativeDecoder.MaxValues;

    /// <summary>
    /// Adds the value under its name; an object's members and an array's items stand alone, their names joined by dots. Items count from 1, as a
    /// family's instances do. Null is no value.
    /// </summary>
    /// <param name="name">Empty for an object whose members have names of their own.</param>
    public static void Add(JsonElement value, string name, Report report)
    {
        var items = 0;
        if (TryAdd(value, name, report, ref items))
            return;
        report.Fields.Clear();
        report.Refused.Add((RejectReason.TooManyValues, $"more than {NativeDecoder.MaxValues} values, or {MaxItems} with what is empty"));
    }

    /// <summary>The device's bytes in base64, or null: a text that is none is refused, one that is empty or missing is no frame.</summary>
    public static byte[]? Frame(JsonElement holder, string name, List<(string Reason, string What)> refused)
    {
        if (holder.Member(name) is not { } text)
            return null;
        if (text.ValueKind == JsonValueKind.String && text.TryGetBytesFromBase64(out var frame))
            return frame.Length == 0 ? null : frame;
        refused.Add((RejectReason.BadFrame, $"{name} is not base64"));
        return null;
    }

    /// <summary>LoRaWAN's port, 0 to 255. Senders leave 0 out; null for what is none.</summary>
    public static int? Port(JsonElement holder, string name) => holder.Member(name) is null ? 0 : holder.Whole(name) is >= 0 and <= 255 and var port ? (int)port : null;

    private static bool TryAdd(JsonElement value, string name, Report report, ref int items)
    {
        if (++items > MaxItems)
            return false;
        if (name.Length > MaxName)
        {
            report.Refused.Add((RejectReason.UnknownChannel, $"field {WireId.Shown(name)}: a name of more than {MaxName} characters"));
            return true;
        }
        var fields = report.Fields;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (!TryAdd(member.Value, Under(name, member.Name), report, ref items))
                        return false;
                }
                return true;
            case JsonValueKind.Array:
                var item = 0;
                foreach (var each in value.EnumerateArray())
                {
                    item++;
                    if (!TryAdd(each, Under(name, item.ToString(System.Globalization.CultureInfo.InvariantCulture)), report, ref items))
                        return false;
                }
                return true;
            case JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number):
                Set(fields, Field.Of(name, number));
                break;
            case JsonValueKind.Number:
                report.Refused.Add((RejectReason.WrongType, $"field {name}: a number beyond 64-bit floating point"));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Set(fields, Field.Of(name, value.ValueKind == JsonValueKind.True));
                break;
            case JsonValueKind.String:
                Set(fields, Field.Of(name, value.GetString()!));
                break;
        }
        return fields.Count <= NativeDecoder.MaxValues;
    }

    // Of members with one name the last counts, as in the native format.
    private static void Set(List<Field> fields, in Field field)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name != field.Name)
                continue;
            fields[i] = field;
            return;
        }
        fields.Add(field);
    }

    private static string Under(string name, string member) => name.Length == 0 ? member : $"{name}.{member}";
}
