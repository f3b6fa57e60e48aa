using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary><c>Notify:Sms:*</c> and <c>Notify:Voice:*</c>: one provider's HTTP. In URL, header and body stand {phone}, {text}, {key}, {code}, {sender} and {secret}.</summary>
/// <param name="Url">Its placeholders are escaped as a URL needs it.</param>
/// <param name="Method">POST or GET.</param>
/// <param name="Header"><c>Name: value</c>; null for none.</param>
/// <param name="Body">Its placeholders are escaped as its content type needs it; null for none.</param>
/// <param name="ContentType">application/json or application/x-www-form-urlencoded.</param>
/// <param name="Sender">The sender's identity as the provider has registered it.</param>
/// <param name="Secret">Null where the provider wants none.</param>
/// <param name="Success">What the answer says where it is a yes: path and value. Null: a status 2xx is enough.</param>
internal sealed record ProviderOptions(string Url, string Method, string? Header, string? Body, string ContentType, string Sender, SecretFile? Secret, (string Path, string Value)? Success);

/// <summary>SMS or voice through a provider.</summary>
/// <param name="text">What is said: an SMS's text, or a call's.</param>
internal sealed class ProviderChannel(string name, ProviderOptions options, Func<Envelope, string> text, HttpCaller http) : INotifyChannel
{
    public const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    private readonly ProviderCall _provider = new(options, http);

    public string Name => name;

    // Five failures in a row end the waiting for a provider that hangs: more than that must be under way at once.
    public int AtOnce => 8;

    public Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken) => envelope.Person?.Phone is { } phone
        ? _provider.SendAsync(phone, text(envelope), envelope.Key, envelope.Code, cancellationToken)
        : Task.FromResult(Outcome.UnknownRecipient);
}
