namespace Telemetry.Ingest.Notify.Texts;

/// <summary>How a recipient may answer a message, beside phoning the desk. A text offers only what is there.</summary>
/// <param name="Link">Address of the message's page; null for none.</param>
/// <param name="BySms">Replies to a short message are read.</param>
/// <param name="ByKey">Keys pressed in a call are read.</param>
internal sealed record AnswerWays(string? Link = null, bool BySms = false, bool ByKey = false)
{
    public static AnswerWays None { get; } = new();
}
