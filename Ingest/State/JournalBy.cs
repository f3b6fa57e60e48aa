namespace Telemetry.Ingest.State;

/// <summary>What the journal depends on beside the log.</summary>
/// <param name="Engine">Version of the rules' engine.</param>
/// <param name="DuplicateWindow">Milliseconds.</param>
public sealed record JournalBy(string Engine, long DuplicateWindow);
