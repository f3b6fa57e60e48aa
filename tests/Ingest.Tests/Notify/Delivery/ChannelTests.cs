using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MQTTnet;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>What each channel puts on the wire, and what it makes of the answers.</summary>
public sealed class ChannelTests : IDisposable
{
    private const long Now = 1_732_440_000_123;

    private readonly TempDirectory _directory = new();
    private readonly HttpCaller _http = new([]);

    public void Dispose()
    {
        _http.Dispose();
        _directory.Dispose();
    }

    private SecretFile Secret(string text)
    {
        var path = _directory.File("secret-" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8]);
        File.WriteAllText(path, text + "\n");
        return new SecretFile(path);
    }

    private static Task<Outcome> SendAsync(INotifyChannel channel, string recipient = "wang") => channel.SendAsync(Letters.Of(Letters.Message(1, recipient: recipient)), CancellationToken.None);

    [Fact]
    public async Task A_webhook_is_signed_over_time_and_body_and_names_no_phone()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Equal(Outcome.Sent, await SendAsync(new WebhookChannel(new WebhookOptions(new Uri(receiver.Url, "hook?a=1"), Secret("s3cret")), _http, () => Now)));
        var taken = Assert.Single(receiver.Taken);
        var mac = Convert.ToHexStringLower(HMACSHA256.HashData("s3cret"u8, Encoding.UTF8.GetBytes("1732440000." + taken.Body)));
        Assert.Equal($"t=1732440000,v1={mac}", taken.Headers["Telemetry-Signature"]);
        Assert.Equal(("t1.wang.0", "/hook?a=1"), (taken.Key, taken.Path));
        Assert.DoesNotContain("138000", taken.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("@example", taken.Body, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(taken.Body);
        Assert.Equal(("t1.wang.0", "wang", "call", "t1"), (
            body.RootElement.GetProperty("key").GetString(), body.RootElement.GetProperty("to").GetString(), body.RootElement.GetProperty("kind").GetString(),
            body.RootElement.GetProperty("places")[0].GetProperty("transition").GetString()));
    }

    [Fact]
    public async Task A_template_is_filled_as_its_place_needs_it_and_what_comes_in_stays_text()
    {
        await using var receiver = await Receiver.StartAsync();
        var json = Letters.Provider(receiver.Url) with { Header = "Authorization: Bearer {secret}", Secret = Secret("t0ken") };
        Assert.Equal(Outcome.Sent, await SendAsync(new ProviderChannel("sms", json, _ => "水深\"{phone}\"\n2 m", _http)));
        Assert.Equal(Outcome.Sent, await SendAsync(new ProviderChannel("sms", json with { ContentType = ProviderChannel.Form, Body = "to={phone}&text={text}&key={key}" }, _ => "a&b=c+d {key}", _http)));
        Assert.Equal(Outcome.Sent, await SendAsync(new ProviderChannel("sms", json with { Method = "GET", Body = null, Url = receiver.Url + "send?to={phone}&text={text}" }, _ => "a&b", _http)));
        Assert.Equal(["""{"to":"+8613800000001","text":"水深\"{phone}\"\n2 m","id":"t1.wang.0","from":"10690000"}""", "to=%2B8613800000001&text=a%26b%3Dc%2Bd%20%7Bkey%7D&key=t1.wang.0", ""], receiver.Taken.Select(taken => taken.Body));
        Assert.Equal("/send?to=%2B8613800000001&text=a%26b", receiver.Taken[2].Path);
        Assert.All(receiver.Taken, taken => Assert.Equal("Bearer t0ken", taken.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("""{"code":0}""", "code=0", "sent", null)]
    [InlineData("""{"Result":{"Code":"OK"}}""", "Result.Code=OK", "sent", null)]
    [InlineData("""{"SendStatusSet":[{"Code":"Ok"}]}""", "SendStatusSet.0.Code=Ok", "sent", null)]
    [InlineData("""{"code":"isv.BUSINESS_LIMIT_CONTROL"}""", "code=0", "failed", "code=isv.BUSINESS_LIMIT_CONTROL")]
    [InlineData("""{"code":"no such number 13800000001"}""", "code=0", "failed", "code=…")]
    [InlineData("""{"other":0}""", "code=0", "bad_answer", "no code")]
    [InlineData("<html>It works!</html>", "code=0", "bad_answer", "no code")]
    public async Task A_provider_says_yes_in_its_own_words(string answer, string success, string result, string? detail)
    {
        await using var receiver = await Receiver.StartAsync(yes: answer);
        var path = success.Split('=');
        var outcome = await SendAsync(new ProviderChannel("sms", Letters.Provider(receiver.Url) with { Success = (path[0], path[1]) }, _ => "text", _http));
        Assert.Equal((result, detail), (outcome.Result, outcome.Detail));
    }

    [Fact]
    public async Task Statuses_say_whether_it_was_the_message_the_address_or_the_moment()
    {
        var answer = Answer.Refuse;
        await using var receiver = await Receiver.StartAsync(_ => answer);
        var channel = new ProviderChannel("sms", Letters.Provider(receiver.Url), _ => "text", _http);
        Assert.Equal(Outcome.Refused("http 400"), await SendAsync(channel));
        answer = Answer.TooMany;
        Assert.Equal(Outcome.Busy("http 429", TimeSpan.FromSeconds(1)), await SendAsync(channel));
        answer = Answer.Error500;
        Assert.Equal(Outcome.Failed("http 500"), await SendAsync(channel));
        Assert.Equal(Outcome.UnknownRecipient, await SendAsync(channel, "group"));
        await receiver.DisposeAsync();
        Assert.Equal(Outcome.Unreachable("ConnectionRefused"), await SendAsync(channel));
    }

    [Fact]
    public void A_provider_that_was_not_paid_is_dead_for_every_message()
    {
        using var answer = new HttpResponseMessage();
        Assert.Equal(Outcome.Denied("http 402"), HttpCaller.ProblemOf(System.Net.HttpStatusCode.PaymentRequired, answer.Headers));
    }

    [Fact]
    public async Task DingTalk_gets_its_signature_in_the_address()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Equal(Outcome.Sent, await SendAsync(new DingTalkRobot("group", new RobotOptions(Secret(receiver.Url + "robot/send?access_token=abc"), Secret("SEC123")), _http, () => Now), "group"));
        var taken = Assert.Single(receiver.Taken);
        // By the documentation's recipe, step by step.
        var sign = Convert.ToBase64String(HMACSHA256.HashData("SEC123"u8, "1732440000123\nSEC123"u8));
        Assert.Equal($"/robot/send?access_token=abc&timestamp=1732440000123&sign={Uri.EscapeDataString(sign)}", taken.Path);
        using var body = JsonDocument.Parse(taken.Body);
        Assert.Equal("text", body.RootElement.GetProperty("msgtype").GetString());
        Assert.StartsWith("【", body.RootElement.GetProperty("text").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feishu_gets_its_signature_in_the_body_and_WeCom_no_more_than_2048_bytes()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Equal(Outcome.Sent, await SendAsync(new FeishuRobot("group", new RobotOptions(Secret(receiver.Url + "hook/1"), Secret("abc")), _http, () => Now), "group"));
        var long_ = Letters.Message(1, recipient: "group") with { Places = [.. Enumerable.Range(1, 100).Select(number => Letters.Message(number).Places[0])] };
        Assert.Equal(Outcome.Sent, await new WeComRobot("group", new RobotOptions(Secret(receiver.Url + "hook/2"), null), _http).SendAsync(Letters.Of(long_), CancellationToken.None));
        using var feishu = JsonDocument.Parse(receiver.Taken[0].Body);
        Assert.Equal("1732440000", feishu.RootElement.GetProperty("timestamp").GetString());
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData("1732440000\nabc"u8, ReadOnlySpan<byte>.Empty)), feishu.RootElement.GetProperty("sign").GetString());
        using var wecom = JsonDocument.Parse(receiver.Taken[1].Body);
        var content = wecom.RootElement.GetProperty("text").GetProperty("content").GetString()!;
        Assert.InRange(Encoding.UTF8.GetByteCount(content), 2000, 2048);
        Assert.EndsWith("…", content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dingtalk", """{"errcode":130101,"errmsg":"send too fast"}""", "busy", 600)]
    [InlineData("dingtalk", """{"errcode":310000,"errmsg":"sign not match"}""", "denied", null)]
    [InlineData("dingtalk", """{"errcode":430101,"errmsg":"unsafe link"}""", "refused", null)]
    [InlineData("wecom", """{"errcode":45009,"errmsg":"api freq out of limit"}""", "busy", 60)]
    [InlineData("wecom", """{"errcode":93000,"errmsg":"invalid webhook url"}""", "denied", null)]
    [InlineData("feishu", """{"code":11232,"msg":"frequency limited"}""", "busy", 60)]
    [InlineData("feishu", """{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}""", "denied", null)]
    [InlineData("feishu", "<html>", "bad_answer", null)]
    public async Task A_robots_code_counts_not_its_status(string kind, string answer, string result, int? retryAfter)
    {
        await using var receiver = await Receiver.StartAsync(yes: answer);
        var options = new RobotOptions(Secret(receiver.Url + "robot"), null);
        INotifyChannel robot = kind switch
        {
            DingTalkRobot.Kind => new DingTalkRobot("group", options, _http, () => Now),
            WeComRobot.Kind => new WeComRobot("group", options, _http),
            _ => new FeishuRobot("group", options, _http, () => Now),
        };
        var outcome = await SendAsync(robot, "group");
        Assert.Equal((result, retryAfter), (outcome.Result, outcome.RetryAfter is { } wait ? (int)wait.TotalSeconds : null));
    }

    [Fact]
    public async Task MQTT_tells_each_person_at_a_topic_of_their_own_and_knows_when_the_broker_is_away()
    {
        using var broker = await Mosquitto.StartAsync();
        using var channel = new MqttChannel(new ExternalOptions { Host = "127.0.0.1", Port = broker.Port, ClientId = "telemetry-notify" }, TimeProvider.System);
        using var listener = new MqttClientFactory().CreateMqttClient();
        var heard = new TaskCompletionSource<(string Topic, string Payload)>();
        listener.ApplicationMessageReceivedAsync += message =>
        {
            heard.TrySetResult((message.ApplicationMessage.Topic, message.ApplicationMessage.ConvertPayloadToString()));
            return Task.CompletedTask;
        };
        await listener.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).Build());
        await listener.SubscribeAsync("notify/v1/+");
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
        var (topic, payload) = await heard.Task.WaitAsync(Wait.Longest);
        Assert.Equal("notify/v1/wang", topic);
        Assert.Contains("\"key\":\"t1.wang.0\"", payload, StringComparison.Ordinal);
        await broker.CrashAsync();
        Assert.Equal("unreachable", (await SendAsync(channel)).Result);
        await broker.RestartAsync();
        Assert.Equal(Outcome.Sent, await SendAsync(channel));
    }
}
