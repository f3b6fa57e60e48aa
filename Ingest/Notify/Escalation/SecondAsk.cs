namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>Asks somebody to agree, as the second person, to what hides a critical alarm.</summary>
/// <param name="Code">Six digits, which whoever agrees says to whoever asks.</param>
/// <param name="By">Who asks.</param>
/// <param name="What">What is to be hidden, in the recipient's language.</param>
public sealed record SecondAsk(string Code, string By, string What);
