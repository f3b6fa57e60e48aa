using System.Globalization;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>What a format made of messages, a line for each device, each of its values and each refusal.</summary>
internal static class ReportText
{
    public static string Of(GoldenCase golden)
    {
        var text = new StringBuilder();
        // One for all messages of the case: some remember.
        var format = PayloadFormats.Find(golden.Format)!;
        foreach (var (topic, payload) in golden.Topics.Zip(golden.Payloads))
        {
            if (golden.Payloads.Count > 1)
                text.Append(text.Length > 0 ? "\n" : "").Append("message\n");
            Append(text, format, golden.Route, topic, payload);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, IPayloadFormat format, TopicPattern route, string topic, byte[] payload)
    {
        route.Matches(Encoding.UTF8.GetBytes(topic), out var gateway, out var device);
        var reports = new List<Report>();
        try
        {
            var message = format.Read(new ForeignMessage(topic, payload, gateway ?? "gw-1", device, Decoded.Received), reports);
            if (message.Gateway != (gateway ?? "gw-1") || message.Sign is GatewaySign.Online or GatewaySign.Offline)
                text.Append(CultureInfo.InvariantCulture, $"gateway {message.Gateway} {message.Sign.ToString().ToLowerInvariant()}\n");
            if (reports.Count == 0)
                text.Append("nothing measured\n");
        }
        catch (MalformedMessageException error)
        {
            text.Append(CultureInfo.InvariantCulture, $"refused {error.Reason}: {error.Message}\n");
            return;
        }
        catch (JsonException error)
        {
            text.Append(CultureInfo.InvariantCulture, $"refused malformed: {JsonMessage.Problem(error)}\n");
            return;
        }
        catch (InvalidOperationException)
        {
            text.Append("refused malformed: half a surrogate pair\n");
            return;
        }
        foreach (var report in reports)
            Append(text, report);
    }

    private static void Append(StringBuilder text, Report report)
    {
        var time = report.Time is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : "no time";
        text.Append(CultureInfo.InvariantCulture, $"{report.WireId} {time}");
        if (report.Sequence is { } sequence)
            text.Append(CultureInfo.InvariantCulture, $" #{sequence}");
        if (report.Product is { } product)
            text.Append(CultureInfo.InvariantCulture, $" ({product})");
        text.Append('\n');
        if (report.Frame is { } frame)
            text.Append(CultureInfo.InvariantCulture, $"  bytes {Convert.ToHexString(frame)}{(report.Port is { } port ? $" port {port}" : "")}\n");
        foreach (var field in report.Fields)
            text.Append(CultureInfo.InvariantCulture, $"  {field.Name} = {Value(field)}{(field.Unit is { } unit ? $" {unit}" : "")}{Quality(field)}\n");
        foreach (var (reason, what) in report.Refused)
            text.Append(CultureInfo.InvariantCulture, $"  refused {reason}: {what}\n");
    }

    private static string Value(Field field) => field.Kind switch
    {
        FieldKind.Text => $"\"{field.Text}\"",
        FieldKind.Boolean => field.Number == 0 ? "false" : "true",
        _ => field.Number.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Quality(Field field) =>
        field.Quality == Rules.Model.Quality.Good ? "" : $" {field.Quality.ToString().ToLowerInvariant()}{(field.Why is { } why ? $" ({why})" : "")}";
}
