using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary><c>Notify:Sms:Reply:*</c> and <c>Notify:Voice:Reply:*</c>: how a provider hands on what people answer. Names are paths into JSON or fields of a form.</summary>
/// <param name="Secret">Shown in <paramref name="Header"/>, or signed with as our webhook signs.</param>
/// <param name="Header"><c>Name: value</c> with {secret}; null where the provider signs.</param>
/// <param name="Phone">Where the sender's number stands.</param>
/// <param name="Text">Where the reply stands, or the key that was pressed.</param>
/// <param name="Message">Where a call's {code} or {key} stands; null where the text itself holds the code.</param>
/// <param name="Id">Where the provider's own number of the reply stands, so that one that is handed on twice counts once; null for none.</param>
/// <param name="Answer">What the provider wants to hear in answer; null for ours.</param>
internal sealed record ReplyOptions(SecretFile Secret, string? Header, string Phone, string Text, string? Message, string? Id, string? Answer);

/// <summary>One answer of somebody.</summary>
/// <param name="Message">The call's code or key; null where the text holds the code.</param>
internal sealed record Reply(string Phone, string Text, string? Message, string? Id);
