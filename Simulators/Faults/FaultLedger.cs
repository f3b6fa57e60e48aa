using System.Text.Encodings.Web;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Faults;

/// <summary>The record of all injections: one JSON line each (docs/faults.md).</summary>
public sealed class FaultLedger(TextWriter into) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(Injection injection) => into.WriteLine(Line(injection));

    public static string Line(Injection injection) => JsonSerializer.Serialize(
        new
        {
            injection.Fault, injection.Number, injection.Gateway, injection.Device, injection.Channel, Seq = injection.Sequence, From = Iso.Time(injection.From), To = injection.To is { } to ? Iso.Time(to) : null,
            injection.Original, injection.Sent, At = Iso.Time(injection.At),
        },
        Json);

    public void Dispose() => into.Dispose();
}
