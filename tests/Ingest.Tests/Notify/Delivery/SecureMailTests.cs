using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>Mail with a login to a real SMTP server: by STARTTLS, by TLS from the first byte, and to servers that must not get the password.</summary>
public sealed class SecureMailTests : IDisposable
{
    private const string Right = "the mail's own password";

    // The certificate is for localhost and 127.0.0.1.
    private const string AnotherHost = "127.0.0.2";

    private readonly Certificates _certificates = new();
    private readonly TempDirectory _directory = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    /// <summary>Keeps what was shown as a login, and counts the mails.</summary>
    private sealed class Post : MessageStore, IUserAuthenticator
    {
        public ConcurrentQueue<string> Logins { get; } = new();

        public int Mails { get; private set; }

        public override Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            Mails++;
            return Task.FromResult(SmtpResponse.Ok);
        }

        public Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken)
        {
            Logins.Enqueue($"{user} {password} {(context.Pipe.IsSecure ? "secure" : "in the clear")}");
            return Task.FromResult((user, password) == ("telemetry", Right));
        }
    }

    private async Task WithServerAsync(string form, Func<Post, Func<string, X509Certificate2Collection, MailChannel>, Task> test, string password = Right)
    {
        var post = new Post();
        var port = FreePort.Next();
        var parts = new ServiceProvider();
        parts.Add((IMessageStore)post);
        parts.Add((IUserAuthenticator)post);
        using var certificate = _certificates.Issue();
        var server = new SmtpServer.SmtpServer(
            new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint => At(endpoint, "127.0.0.1")).Endpoint(endpoint => At(endpoint, AnotherHost)).Build(), parts);
        using var stop = new CancellationTokenSource();
        var running = server.StartAsync(stop.Token);
        var secret = new SecretFile(_directory.File("password"));
        await File.WriteAllTextAsync(secret.Path, password + "\n");
        try
        {
            await test(post, (address, authorities) => new MailChannel(new MailOptions(new Uri($"{address}:{port}"), "telemetry@example.cn", "telemetry", secret) { IsHere = false }, authorities, TimeProvider.System));
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        void At(EndpointDefinitionBuilder endpoint, string address)
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Parse(address), port)).AuthenticationRequired(true).AllowUnsecureAuthentication(form == "plain").IsSecure(form == "tls");
            if (form != "plain")
                endpoint.Certificate(certificate);
        }
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private X509Certificate2Collection Authority() => [X509CertificateLoader.LoadCertificateFromFile(_certificates.AuthorityFile)];

    private static Task<Outcome> SendAsync(MailChannel channel) => channel.SendAsync(Letters.Of(Letters.Message(1)), CancellationToken.None);

    [Theory]
    [InlineData("starttls", "smtp://localhost")]
    [InlineData("tls", "smtps://localhost")]
    public Task The_login_goes_over_TLS_alone(string form, string address) => WithServerAsync(form, async (post, channel) =>
    {
        Assert.Equal(Outcome.Sent, await SendAsync(channel(address, Authority())));
        Assert.Equal($"telemetry {Right} secure", Assert.Single(post.Logins));
        Assert.Equal(1, post.Mails);
    });

    [Theory]
    [InlineData("starttls", "smtp://localhost", false)]
    [InlineData("tls", "smtps://localhost", false)]
    [InlineData("starttls", "smtp://" + AnotherHost, true)]
    [InlineData("tls", "smtps://" + AnotherHost, true)]
    public Task A_certificate_of_a_strange_authority_or_for_another_host_gets_no_password(string form, string address, bool knowsAuthority) => WithServerAsync(form, async (post, channel) =>
    {
        Assert.Equal(Outcome.Unreachable("certificate"), await SendAsync(channel(address, knowsAuthority ? Authority() : [])));
        Assert.Empty(post.Logins);
    });

    [Theory]
    [InlineData("smtp://localhost", "no starttls")]
    [InlineData("smtps://localhost", "tls")]
    public Task A_server_that_offers_no_TLS_gets_no_password(string address, string detail) => WithServerAsync("plain", async (post, channel) =>
    {
        Assert.Equal(Outcome.Unreachable(detail), await SendAsync(channel(address, Authority())));
        Assert.Empty(post.Logins);
        Assert.Equal(0, post.Mails);
    });

    [Fact]
    public Task A_wrong_password_is_told_in_the_alarms_history_and_kills_the_channel_by_name() => WithServerAsync("starttls", async (post, channel) =>
    {
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        var said = new List<string>();
        var deaths = new ChannelDeaths(
            outbox,
            (entries, _) =>
            {
                said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Rule} {entry.Active} {entry.Detail}"));
                return ValueTask.FromResult(Task.FromResult(1L));
            },
            () => false, TimeProvider.System, NullLogger.Instance);
        deaths.Restore([]);
        var mail = channel("smtp://localhost", Authority());
        var sender = new ChannelSender(mail, outbox, Letters.Of, Now, new DeliveryStats(), deaths.Changed, TimeProvider.System, NullLogger.Instance);
        var message = Letters.Message(1);
        outbox.Commit("log", 1, [message.For("mail")], []);
        using var stop = new CancellationTokenSource();
        var running = sender.RunAsync(stop.Token);
        var history = await Wait.ForAsync("an attempt", () => Task.FromResult(outbox.OfAlarm(message.Places[0].Alarm.Id).Where(attempt => attempt.Channel is not null).ToList()), attempts => attempts.Count > 0, 60);
        await stop.CancelAsync();
        await running;
        Assert.Equal(("mail", "denied", "login"), (history[0].Channel, history[0].Result, history[0].Detail));

        var outcome = await SendAsync(mail);
        for (var i = 0; i < Circuit.Failures; i++)
        {
            if (sender.Circuit.Took(outcome, Now()))
                deaths.Changed(sender);
        }
        await deaths.SayAsync(CancellationToken.None);
        Assert.Equal(["channel_dead True mail: denied, login"], said);
        Assert.Equal(0, post.Mails);
    }, "another password");
}
