using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// Huawei Cloud IoTDA as it forwards to applications: property reports (support.huaweicloud.com, api-iothub/iot_06_v5_01202). One report a service, since
/// each may have its own time; its fields are <c>service_id.property</c>, since two services may have a property of one name.
/// </summary>
internal sealed class IotdaFormat : IPayloadFormat
{
    // Devices that were added, went on line, answered a command and the like.
    private static readonly string[] LifeCycle =
        ["device", "device.status", "device.online", "device.message.status", "device.command.status", "device.upgrade", "product", "batchtask"];

    public string Name => "iotda";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        using var document = JsonMessage.Parse(message.Payload);
        var root = document.RootElement;
        var (resource, what) = (root.Text("resource"), root.Text("event"));
        if (resource is null || what is null)
            throw new MalformedMessageException(RejectReason.Malformed, "resource or event is missing; expected a notification of IoTDA, \"resource\": \"device.property\", \"event\": \"report\"");
        if (LifeCycle.Contains(resource) || (resource == "device.property" && what != "report"))
            return new(message.Gateway, GatewaySign.None);
        if (resource != "device.property")
            throw new MalformedMessageException(RejectReason.Unsupported, $"resource {WireId.Shown(resource)}: property reports (device.property) are read; give the device a product model with properties");
        var data = root.Needed("notify_data");
        var header = data.Needed("header");
        var device = Imei.Of(header.Text("node_id")) ?? WireId.Check(header.Text("device_id"), "notify_data.header.device_id");
        if (data.Needed("body").Needed("services") is not { ValueKind: JsonValueKind.Array } services)
            throw new MalformedMessageException(RejectReason.Malformed, "notify_data.body.services is no array");
        if (services.GetArrayLength() > NativeDecoder.MaxElements)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"{services.GetArrayLength()} services in one message; at most {NativeDecoder.MaxElements}");
        var platformTime = TextTime.Of(root, "event_time_ms") ?? TextTime.Of(root, "event_time");
        foreach (var service in services.EnumerateArray())
            into.Add(Report(service, device, header.Text("product_id"), platformTime));
        return new(message.Gateway, into.Count == 0 ? GatewaySign.None : GatewaySign.Reading);
    }

    private static Report Report(JsonElement service, string device, string? product, long? platformTime)
    {
        // The device's own time where it has one; a wrong one does no harm to the services beside it.
        var hasTime = TextTime.TryOf(service, "event_time", out var time, out var problem);
        var report = new Report { WireId = device, Product = product, Time = time ?? platformTime };
        if (!hasTime)
            report.Refused.Add((RejectReason.BadTime, problem));
        else if (service.Text("service_id") is { } name && service.Member("properties") is { ValueKind: JsonValueKind.Object } properties)
            JsonFields.Add(properties, name, report);
        else
            report.Refused.Add((RejectReason.Malformed, "a service without service_id or properties"));
        return report;
    }
}
