using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>The channels' keys: what is right, and what a mistake is told.</summary>
public sealed class ChannelOptionsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Secret(string text)
    {
        File.WriteAllText(_directory.File("secret"), text);
        return _directory.File("secret");
    }

    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] values) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(values.Append((Key: "Notify:File", Value: "notify.yaml")).ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build());

    [Fact]
    public void All_channels_are_read()
    {
        var secret = Secret("https://oapi.example.cn/robot/send?access_token=abc");
        var (options, errors) = Read(
            ("Notify:Mail:Server", "smtps://mail.example.cn"), ("Notify:Mail:From", "telemetry@example.cn"), ("Notify:Mail:User", "telemetry"), ("Notify:Mail:PasswordFile", secret),
            ("Notify:Sms:Url", "https://sms.example.cn/send"), ("Notify:Sms:Body", "to={phone}&text={text}&key={secret}"), ("Notify:Sms:ContentType", "application/x-www-form-urlencoded"), ("Notify:Sms:SecretFile", secret),
            ("Notify:Sms:Success", "Result.Code=OK"), ("Notify:Voice:Url", "https://voice.example.cn/call?to={phone}&say={text}"), ("Notify:Voice:Method", "GET"),
            ("Notify:Webhook:Url", "https://example.cn/hook"), ("Notify:Webhook:SecretFile", secret), ("Notify:Robots:group:UrlFile", secret), ("Notify:Robots:group:SecretFile", secret),
            ("Notify:Push:Subject", "mailto:ops@example.cn"), ("Notify:Push:Origins", "https://push.city.example:8443 http://127.0.0.1:9000"), ("Notify:Mqtt:Address", "mqtts://broker.example.cn"), ("Notify:Alertmanager:Url", "http://127.0.0.1:9093"));
        Assert.Empty(errors);
        var channels = options.Channels;
        Assert.True(Enum.GetValues<MessageChannel>().All(channels.Has));
        Assert.Equal(2, channels.Push!.Origins.Count);
        Assert.Equal((("Result.Code", "OK"), "GET", 8883, new Uri("http://127.0.0.1:9093/")), (channels.Sms!.Success, channels.Voice!.Method, channels.Mqtt!.Port, channels.Alertmanager));
        Assert.Equal("group", Assert.Single(channels.Robots).Key);
        Assert.Equal(465, MailPort(channels.Mail!));
    }

    private static int MailPort(MailOptions mail) => mail.Server.Port > 0 ? mail.Server.Port : mail.Server.Scheme == "smtps" ? 465 : 587;

    [Theory]
    [InlineData("Notify:Mail:Server", "mail.example.cn", "smtp://host:port")]
    [InlineData("Notify:Mail:From", "telemetry@example.cn", "needs Notify:Mail:Server")]
    [InlineData("Notify:Sms:Url", "https://sms.example.cn/send", "both {phone} and {text}")]
    [InlineData("Notify:Sms:Success", "code=0", "needs Notify:Sms:Url")]
    [InlineData("Notify:Sms:Urll", "x", "did you mean Notify:Sms:Url?")]
    [InlineData("Notify:Webhook:Url", "https://example.cn/hook", "the secret that signs")]
    [InlineData("Notify:Webhook:Url", "ftp://example.cn/hook", "http:// or https://")]
    [InlineData("Notify:Robots:group:UrlFile", "/nowhere/secret", "can't be read")]
    [InlineData("Notify:Robots:group:SecretFile", "/nowhere/secret", "webhook address")]
    [InlineData("Notify:Mqtt:Address", "http://broker", "mqtt://host:port")]
    [InlineData("Notify:Alertmanager:Url", "127.0.0.1:9093", "http:// or https://")]
    [InlineData("Notify:PublicUrl", "ops.city.example", "such as https://ops.city.example/")]
    [InlineData("Notify:PublicUrl", "https://ops.city.example/?a=1", "such as https://ops.city.example/")]
    [InlineData("Notify:PublicUrl", "http://ops.city.example/", "https://: whoever reads a link")]
    [InlineData("Notify:PublicUrl", "https://ops.city.example/", "name a file of users by Security:UsersFile")]
    [InlineData("Notify:Sms:Reply:SecretFile", "/nowhere/secret", "needs Notify:Sms:Url")]
    [InlineData("Notify:Voice:Reply:Digit", "key", "without it anybody could answer")]
    [InlineData("Notify:Voice:Reply:Text", "key", "did you mean Notify:Voice:Reply:Digit?")]
    [InlineData("Notify:Sms:Reply:Header", "X-Secret", "such as X-Secret: {secret}")]
    [InlineData("Notify:CaFile", "/nowhere/ca.pem", "PEM")]
    [InlineData("Notify:Push:Subject", "ops@example.cn", "mailto:ops@example.cn")]
    [InlineData("Notify:Push:Origins", "https://push.city.example", "needs Notify:Push:Subject")]
    public void A_mistake_says_what_would_be_right(string key, string value, string right) =>
        Assert.Contains(Read((key, value)).Errors, error => error.StartsWith(key[..key.LastIndexOf(':')], StringComparison.Ordinal) && error.Contains(right, StringComparison.Ordinal));

    [Theory]
    [InlineData("mqtts://broker.example.cn", "a readable file with certificates in PEM form")]
    [InlineData("mqtt://broker.example.cn", "mqtts://")]
    public void The_brokers_authorities_are_read_at_start(string address, string right) =>
        Assert.Contains(Read(("Notify:Mqtt:Address", address), ("Notify:Mqtt:CaFile", "/nowhere/ca.pem")).Errors, error => error.StartsWith("Notify:Mqtt:CaFile", StringComparison.Ordinal) && error.Contains(right, StringComparison.Ordinal));

    [Fact]
    public void An_address_for_the_outside_and_replies_are_read()
    {
        var secret = Secret("s3cret");
        var (options, errors) = Read(
            ("Notify:PublicUrl", "https://t.nc.cn/ops"), ("Security:UsersFile", secret), ("Notify:Sms:Url", "https://sms.example.cn/?to={phone}&text={text}"), ("Notify:Sms:Method", "GET"),
            ("Notify:Sms:Reply:SecretFile", secret), ("Notify:Sms:Reply:Phone", "0.phone_number"));
        Assert.DoesNotContain(errors, error => error.StartsWith("Notify:", StringComparison.Ordinal));
        Assert.Equal(("0.phone_number", "text", null), (options.Channels.SmsReplies!.Phone, options.Channels.SmsReplies.Text, options.Channels.SmsReplies.Message));
        Assert.Equal(("https://t.nc.cn/ops/go/abc", true, false), (options.Channels.WaysOf("abc").Link, options.Channels.WaysOf("abc").BySms, options.Channels.WaysOf("abc").ByKey));
        Assert.Empty(Read(("Notify:PublicUrl", "http://127.0.0.1:8080")).Errors);
        Assert.Contains(
            Read(("Notify:PublicUrl", "https://operations.city-of-nanchang.example/"), ("Security:UsersFile", secret), ("Notify:Sms:Url", "https://sms.example.cn/?to={phone}&text={text}")).Errors,
            error => error.Contains("at most 32 characters", StringComparison.Ordinal));
    }

    [Fact]
    public void No_error_repeats_a_secret()
    {
        var secret = Secret("not-an-address-but-secret");
        var error = Assert.Single(Read(("Notify:Robots:group:UrlFile", secret)).Errors);
        Assert.DoesNotContain("not-an-address", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_without_the_file_that_says_who_are_a_mistake()
    {
        var (_, errors) = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Notify:Alertmanager:Url"] = "http://127.0.0.1:9093" }).Build());
        Assert.Contains("Notify:File", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_file_asks_for_and_nobody_has_configured_is_said_at_start()
    {
        var options = Read(("Notify:Mail:Server", "smtp://127.0.0.1:25"), ("Notify:Mail:From", "telemetry@example.cn")).Options with { NotifyFile = "notify.yaml" };
        var file = Files.Right(Files.Small + "\nchannels: {critical: [voice, sms]}\nrobots: {group: {kind: wecom}}");
        var problems = NotifyParts.Check(file, options).ToList();
        Assert.Equal(2, problems.Count);
        Assert.Contains("critical is told by voice, sms, and none of them is configured", problems[0], StringComparison.Ordinal);
        Assert.Contains("Notify:Robots:group:UrlFile", problems[1], StringComparison.Ordinal);
        // A service that is asked who would be told, and tells nobody, needs none.
        Assert.Empty(NotifyParts.Check(file, new ServiceOptions { NotifyFile = "notify.yaml" }));
    }
}
