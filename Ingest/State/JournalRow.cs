using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.State;

/// <param name="Line">The journal's JSON line, without line end.</param>
/// <param name="Alarm">The alarm as it stood after the transition.</param>
public sealed record JournalRow(long Position, int Ordinal, string Line, Alarm Alarm)
{
    private static readonly Dictionary<string, AlarmState> States = Enum.GetValues<AlarmState>().ToDictionary(AlarmJson.Name);

    public AlarmTransition Transition()
    {
        using var document = JsonDocument.Parse(Line);
        var line = document.RootElement;
        return new AlarmTransition(Position, Ordinal, Text("id")!, States[Text("from")!], States[Text("to")!], Time("at"), Time("receivedAt"), Text("cause")!, Alarm)
        {
            By = Text("by"),
            Comment = Text("comment"),
            Reason = Text("reason"),
        };

        string? Text(string name) => line.TryGetProperty(name, out var text) ? text.GetString() : null;

        long Time(string name) => line.GetProperty(name).GetDateTimeOffset().ToUnixTimeMilliseconds();
    }
}
