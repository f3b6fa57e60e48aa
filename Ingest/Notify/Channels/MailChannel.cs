using System.IO.Hashing;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary><c>Notify:Mail:*</c>.</summary>
/// <param name="Server">smtp://host:port (STARTTLS where the server offers it), smtps://host:port.</param>
/// <param name="From">The sender's address.</param>
/// <param name="User">Null logs in as nobody.</param>
internal sealed record MailOptions(Uri Server, string From, string? User, SecretFile? Password)
{
    /// <summary>The server is on this machine: then a login goes over an open line too.</summary>
    public bool IsHere { get; init; } = Server.IsLoopback;
}

/// <summary>Plain text by SMTP. The key is the Message-ID, by which mail stores know a mail that they have already.</summary>
/// <param name="authorities">Trusted instead of the system's; empty for the system's.</param>
internal sealed class MailChannel(MailOptions options, X509Certificate2Collection authorities, TimeProvider time) : INotifyChannel
{
    public const string KeyHeader = "Telemetry-Key";

    public string Name => ChannelNames.Mail;

    public int AtOnce => 4;

    public async Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Person?.Mail is not { } address)
            return Outcome.UnknownRecipient;
        using var message = MessageOf(envelope, address);
        // What the server must be able to do next.
        var need = "starttls";
        using var client = new SmtpClient();
        if (authorities.Count > 0)
            client.ServerCertificateValidationCallback = (_, certificate, chain, errors) => TrustedBy.Authorities(authorities, certificate as X509Certificate2, chain, errors);
        try
        {
            await client.ConnectAsync(
                options.Server.DnsSafeHost, options.Server.Port > 0 ? options.Server.Port : options.Server.Scheme == "smtps" ? 465 : 587,
                // A login goes over no open line, but to this machine.
                options.Server.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect : options.User is not null && !options.IsHere ? SecureSocketOptions.StartTls : SecureSocketOptions.StartTlsWhenAvailable,
                cancellationToken);
            need = "auth";
            if (options.User is { } user)
                await client.AuthenticateAsync(user, options.Password!.Read(), cancellationToken);
            await client.SendAsync(message, cancellationToken);
            // It is sent: what goodbye comes to does not matter.
            return Outcome.Sent;
        }
        catch (SmtpCommandException error) when (error.ErrorCode is SmtpErrorCode.RecipientNotAccepted && (int)error.StatusCode >= 500)
        {
            return Outcome.Refused(FormattableString.Invariant($"smtp {(int)error.StatusCode}"));
        }
        catch (SmtpCommandException error)
        {
            return (int)error.StatusCode is >= 400 and < 500 ? Outcome.Busy(Code(error)) : Outcome.Failed(Code(error));
        }
        catch (Exception error) when (error is AuthenticationException or SaslException)
        {
            return Outcome.Denied("login");
        }
        catch (SslHandshakeException error)
        {
            return Outcome.Unreachable(error.ServerCertificate is null ? "tls" : "certificate");
        }
        catch (NotSupportedException)
        {
            return Outcome.Unreachable("no " + need);
        }
        catch (SocketException error)
        {
            return Outcome.Unreachable(error.SocketErrorCode.ToString());
        }
        catch (Exception error) when (error is SmtpProtocolException or IOException)
        {
            return Outcome.BadAnswer(error.GetType().Name);
        }
    }

    private static string Code(SmtpCommandException error) => FormattableString.Invariant($"smtp {(int)error.StatusCode}");

    private MimeMessage MessageOf(Envelope envelope, string address)
    {
        var message = new MimeMessage
        {
            // Of signs that are allowed there, whatever a person's id or a team's name may hold.
            MessageId = $"{Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(envelope.Key)))}@{options.From.Split('@')[^1]}",
            Subject = envelope.Text.Subject,
            Date = time.GetUtcNow(),
            Body = new TextPart("plain") { Text = envelope.Text.Body },
        };
        message.From.Add(MailboxAddress.Parse(options.From));
        message.To.Add(new MailboxAddress(envelope.Person!.Name, address));
        message.Headers.Add(KeyHeader, envelope.Key);
        // A holiday's answer comes to nobody.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        if (envelope.Message.Kind == Escalation.MessageKind.Call)
            message.Priority = MessagePriority.Urgent;
        return message;
    }
}
