using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using MimeKit;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>Mail to a real SMTP server.</summary>
public class MailTests
{
    /// <summary>Keeps what it takes; answers as it is told.</summary>
    private sealed class Post : MessageStore, IMailboxFilter
    {
        public ConcurrentQueue<MimeMessage> Taken { get; } = new();

        public SmtpResponse Answer { get; set; } = SmtpResponse.Ok;

        public bool Knows { get; set; } = true;

        public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            if (Answer.ReplyCode == SmtpReplyCode.Ok)
                Taken.Enqueue(await MimeMessage.LoadAsync(stream, cancellationToken));
            return Answer;
        }

        public Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) => Task.FromResult(Knows);
    }

    private static async Task WithServerAsync(Func<Post, MailChannel, Task> test)
    {
        var post = new Post();
        var port = FreePort.Next();
        var parts = new ServiceProvider();
        parts.Add((IMessageStore)post);
        parts.Add((IMailboxFilter)post);
        var server = new SmtpServer.SmtpServer(new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, port))).Build(), parts);
        using var stop = new CancellationTokenSource();
        var running = server.StartAsync(stop.Token);
        try
        {
            await test(post, new MailChannel(new MailOptions(new Uri($"smtp://127.0.0.1:{port}"), "telemetry@example.cn", null, null), [], TimeProvider.System));
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    private static Task<Outcome> SendAsync(MailChannel channel, Message? message = null) => channel.SendAsync(Letters.Of(message ?? Letters.Message(1)), CancellationToken.None);

    [Fact]
    public Task A_mail_is_plain_text_and_its_id_is_that_of_the_key() => WithServerAsync(async (post, channel) =>
    {
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
        Assert.Equal(Outcome.Sent, await SendAsync(channel, Letters.Message(2)));
        var mails = post.Taken.ToList();
        Assert.Equal(mails[0].MessageId, mails[1].MessageId);
        Assert.NotEqual(mails[0].MessageId, mails[2].MessageId);
        Assert.EndsWith("@example.cn", mails[0].MessageId, StringComparison.Ordinal);
        Assert.Equal("t1.wang.0", mails[0].Headers["Telemetry-Key"]);
        Assert.Equal("wang@example.cn", Assert.Single(mails[0].To.Mailboxes).Address);
        Assert.Equal("王伟", Assert.Single(mails[0].To.Mailboxes).Name);
        Assert.Equal("text/plain", mails[0].Body!.ContentType.MimeType);
        Assert.Contains("南京路", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("南京路", mails[0].Subject, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_registers_text_breaks_no_header() => WithServerAsync(async (post, channel) =>
    {
        var message = Letters.Message(1);
        var evil = message with { Places = [message.Places[0] with { Alarm = message.Places[0].Alarm with { Street = "x\r\nBcc: thief@example.com\r\n\r\nbody", Device = "d\nSubject: y" } }] };
        Assert.Equal(Outcome.Sent, await SendAsync(channel, evil));
        var mail = Assert.Single(post.Taken);
        Assert.Empty(mail.Bcc);
        Assert.Single(mail.Headers, header => header.Id == HeaderId.Subject);
        Assert.Contains("Bcc: thief@example.com", mail.Subject, StringComparison.Ordinal);
    });

    [Fact]
    public Task An_unknown_mailbox_is_refused_and_a_full_one_is_tried_again() => WithServerAsync(async (post, channel) =>
    {
        post.Knows = false;
        Assert.Equal("refused", (await SendAsync(channel)).Result);
        post.Knows = true;
        post.Answer = new SmtpResponse(SmtpReplyCode.InsufficientStorage, "later, wang@example.cn");
        var outcome = await SendAsync(channel);
        Assert.Equal(("busy", "smtp 452"), (outcome.Result, outcome.Detail));
        Assert.Equal("unknown_recipient", (await SendAsync(channel, Letters.Message(1, recipient: "li"))).Result);
    });

    [Fact]
    public async Task Without_a_server_nothing_is_lost()
    {
        var channel = new MailChannel(new MailOptions(new Uri($"smtp://127.0.0.1:{FreePort.Next()}"), "telemetry@example.cn", null, null), [], TimeProvider.System);
        Assert.Equal("unreachable", (await SendAsync(channel)).Result);
    }
}
