using System.Text.Json.Serialization;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.State;

/// <summary>Whole records as SQLite keeps them. Enums by name, so that a new value in between renumbers nothing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Alarm))]
[JsonSerializable(typeof(Device))]
[JsonSerializable(typeof(Handover))]
internal sealed partial class StateJson : JsonSerializerContext;
