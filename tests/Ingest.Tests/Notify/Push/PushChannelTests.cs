using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Notify.Delivery;

namespace Telemetry.Ingest.Tests.Notify.Push;

/// <summary>What a push service and a browser get, and what becomes of their answers.</summary>
public sealed class PushChannelTests : IDisposable
{
    private const long Now = 1_732_440_000_123;

    private readonly TempDirectory _directory = new();
    private readonly OutboxDatabase _outbox;
    private readonly PushKey _key;
    private readonly PushBrowser _browser = new();

    public PushChannelTests()
    {
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        _key = PushKey.Open(_directory.Path, null);
    }

    public void Dispose()
    {
        _browser.Dispose();
        _outbox.Dispose();
        _directory.Dispose();
    }

    private PushChannel Channel(params IReadOnlyList<Uri> origins) => new(new PushOptions("mailto:ops@example.cn", null, origins), _key, new Browsers(_outbox, _key, () => ["wang", "li"], () => Now, null, NullLogger<Browsers>.Instance), []);

    private void Add(string endpoint, string person = "wang", string? key = null) => _outbox.AddBrowser(new PersonsBrowser(person, new BrowserSubscription(endpoint, _browser.P256dh, _browser.Auth), key ?? _key.Public, Now), 5);

    private static Task<Outcome> SendAsync(PushChannel channel, MessageKind kind = MessageKind.Call) => channel.SendAsync(Letters.Of(Letters.Message(1, kind)), CancellationToken.None);

    private int Browsers => _outbox.BrowsersOf("wang").Count(browser => browser.Key == _key.Public);

    [Fact]
    public void The_decryption_of_these_tests_is_that_of_the_RFC()
    {
        // RFC 8291, appendix A.
        var point = Base64Url.DecodeFromChars("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        var key = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), Q = new ECPoint { X = point[1..33], Y = point[33..] },
        });
        using var browser = new PushBrowser(key, Base64Url.DecodeFromChars("BTBZMqHH6r4Tts7J_aSIgg"));
        Assert.Equal(
            "When I grow up, I want to be a watermelon",
            browser.Decrypt(Base64Url.DecodeFromChars("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")));
    }

    [Fact]
    public async Task A_browser_gets_what_only_it_can_read_and_its_service_knows_whose_it_is()
    {
        await using var service = await PushServer.StartAsync();
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
        var pushed = Assert.Single(service.All);
        Assert.Equal(("/sub/1", "aes128gcm", "3600", "high"), (pushed.Path, pushed.Headers["Content-Encoding"], pushed.Headers["TTL"], pushed.Headers["Urgency"]));
        Assert.True(pushed.Headers["Topic"].Length is > 0 and <= 32 && Base64Url.IsValid(pushed.Headers["Topic"]));

        using var content = JsonDocument.Parse(_browser.Decrypt(pushed.Body));
        var text = Letters.Of(Letters.Message(1)).Text;
        Assert.Equal((text.Subject, text.Notification("4711"), pushed.Headers["Topic"], true), (
            content.RootElement.GetProperty("title").GetString(), content.RootElement.GetProperty("body").GetString(), content.RootElement.GetProperty("tag").GetString(), content.RootElement.GetProperty("urgent").GetBoolean()));
        Assert.DoesNotContain("138000", content.RootElement.GetRawText(), StringComparison.Ordinal);
        using var other = new PushBrowser();
        Assert.ThrowsAny<CryptographicException>(() => other.Decrypt(pushed.Body));

        AssertSigned(pushed.Headers["Authorization"], service.Url.GetLeftPart(UriPartial.Authority));
    }

    private void AssertSigned(string authorization, string audience)
    {
        Assert.StartsWith("vapid ", authorization, StringComparison.Ordinal);
        var parts = authorization[6..].Split(',').Select(part => part.Trim().Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        Assert.Equal(_key.Public, parts["k"]);
        var token = parts["t"].Split('.');
        var point = Base64Url.DecodeFromChars(_key.Public);
        using var verifier = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        Assert.True(verifier.VerifyData(Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256));
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token[1]));
        Assert.Equal((audience, "mailto:ops@example.cn"), (claims.RootElement.GetProperty("aud").GetString(), claims.RootElement.GetProperty("sub").GetString()));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(claims.RootElement.GetProperty("exp").GetInt64(), now, now + 86_400);
    }

    [Theory]
    [InlineData(MessageKind.Call, "3600", "high")]
    [InlineData(MessageKind.Notice, "21600", "normal")]
    [InlineData(MessageKind.Quiet, "21600", "low")]
    public async Task How_long_and_how_urgent_is_by_its_kind(MessageKind kind, string life, string urgency)
    {
        await using var service = await PushServer.StartAsync();
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        Assert.Equal(Outcome.Sent, await SendAsync(channel, kind));
        // Normal is what a service takes it for without the header.
        var pushed = Assert.Single(service.All);
        Assert.Equal((life, urgency), (pushed.Headers["TTL"], pushed.Headers.GetValueOrDefault("Urgency", "normal")));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_browser_that_its_service_knows_no_more_is_taken_off_and_the_message_goes_by_the_next_channel(int status)
    {
        await using var service = await PushServer.StartAsync(context => context.Response.StatusCode = status);
        await using var sms = await Receiver.StartAsync();
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        using var http = new HttpCaller([]);
        _outbox.Commit("log", 1, [Letters.Message(1).For("push", "sms")], []);
        foreach (INotifyChannel each in (INotifyChannel[])[channel, new ProviderChannel("sms", Letters.Provider(sms.Url), envelope => envelope.Text.Sms(envelope.Code), http)])
        {
            var sender = new ChannelSender(each, _outbox, Letters.Of, () => Now, new DeliveryStats(), _ => { }, TimeProvider.System, NullLogger.Instance);
            sender.Look(CancellationToken.None);
            await sender.UnderWayAsync();
        }
        Assert.Equal(0, Browsers);
        Assert.Equal(["push unknown_recipient", "sms sent"], _outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id).Select(attempt => $"{attempt.Channel} {attempt.Result}"));
    }

    [Fact]
    public async Task One_browser_that_takes_it_is_enough_and_the_one_that_is_gone_goes()
    {
        await using var service = await PushServer.StartAsync(context => context.Response.StatusCode = context.Request.Path.Value == "/gone" ? 410 : context.Request.Path.Value == "/ill" ? 500 : 201);
        foreach (var path in (string[])["gone", "ill", "well"])
            Add(new Uri(service.Url, path).AbsoluteUri);
        using var channel = Channel(service.Url);
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
        Assert.Equal((3, 2), (service.All.Count, Browsers));
    }

    [Fact]
    public async Task A_service_that_wants_to_wait_is_asked_no_earlier()
    {
        await using var service = await PushServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "120";
        });
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        var outcome = await SendAsync(channel);
        Assert.Equal(Outcome.Busy("http 429", TimeSpan.FromSeconds(120)), outcome);
        // The library would have waited itself, and asked again.
        Assert.Single(service.All);
        Assert.True(RetryPolicy.After(RetryPolicy.Taken(Letters.Delivery(MessageKind.Call, "push"), Now), outcome, Now).NextAt >= Now + 120_000);
    }

    [Fact]
    public async Task A_dead_service_opens_the_circuit_and_what_comes_then_goes_by_the_next_channel_at_once()
    {
        await using var service = await PushServer.StartAsync(context => context.Response.StatusCode = 503);
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        var sender = new ChannelSender(channel, _outbox, Letters.Of, () => Now, new DeliveryStats(), _ => { }, TimeProvider.System, NullLogger.Instance);
        _outbox.Commit("log", 1, [.. Enumerable.Range(1, Circuit.Failures).Select(number => Letters.Message(number, MessageKind.Notice).For("push", "sms"))], []);
        sender.Look(CancellationToken.None);
        await sender.UnderWayAsync();
        Assert.Equal(Now, sender.Circuit.DeadSince);
        _outbox.Commit("log", 2, [Letters.Message(9, MessageKind.Notice).For("push", "sms")], []);
        sender.Look(CancellationToken.None);
        await sender.UnderWayAsync();
        Assert.Equal(Circuit.Failures, service.All.Count);
        Assert.Equal("t9.wang.0", Assert.Single(_outbox.Due("sms", Now, 10)).Message.Key);
    }

    [Fact]
    public async Task An_address_that_leads_into_this_network_is_not_called_and_is_taken_off()
    {
        await using var inside = await PushServer.StartAsync();
        // As a name does that means something else now than when it was subscribed.
        Add(new Uri(inside.Url, "sub/1").AbsoluteUri);
        using var channel = Channel();
        Assert.Equal(Outcome.UnknownRecipient, await SendAsync(channel));
        Assert.Empty(inside.All);
        Assert.Equal(0, Browsers);
    }

    [Fact]
    public async Task A_service_that_points_elsewhere_is_not_followed()
    {
        await using var inside = await PushServer.StartAsync();
        await using var service = await PushServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = inside.Url.AbsoluteUri;
        });
        Add(new Uri(service.Url, "sub/1").AbsoluteUri);
        using var channel = Channel(service.Url);
        Assert.Equal(Outcome.BadAnswer("http 307"), await SendAsync(channel));
        Assert.Empty(inside.All);
    }

    [Fact]
    public async Task Nobody_is_told_who_has_no_browser_or_subscribed_for_another_key()
    {
        await using var service = await PushServer.StartAsync();
        using var channel = Channel(service.Url);
        Assert.Equal(Outcome.UnknownRecipient, await SendAsync(channel));
        Add(new Uri(service.Url, "sub/1").AbsoluteUri, key: "another");
        Add(new Uri(service.Url, "sub/2").AbsoluteUri, person: "li");
        Assert.Equal(Outcome.UnknownRecipient, await SendAsync(channel));
        Assert.Empty(service.All);
    }
}
