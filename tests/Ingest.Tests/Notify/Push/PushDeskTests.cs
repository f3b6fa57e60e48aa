using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Notify.Delivery;

namespace Telemetry.Ingest.Tests.Notify.Push;

/// <summary>Which browsers are taken, whose they are, and by which key.</summary>
public sealed class PushDeskTests : IDisposable
{
    private const string Service = "https://push.example.com/sub/";

    private readonly TempDirectory _directory = new();
    private readonly OutboxDatabase _outbox;
    private readonly PushBrowser _browser = new();
    private long _now = 1_732_440_000_000;

    public PushDeskTests() => _outbox = OutboxDatabase.Open(_directory.File("notify.db"));

    public void Dispose()
    {
        _browser.Dispose();
        _outbox.Dispose();
        _directory.Dispose();
    }

    private PushKey Key => PushKey.Open(_directory.Path, null);

    private Browsers BrowsersOf(params IReadOnlyList<string> persons) => new(_outbox, Key, () => persons, () => ++_now, null, NullLogger<Browsers>.Instance);

    private PushDesk Desk(params IReadOnlyList<Uri> origins) => new(
        new NotifySource(Letters.File, new ServiceOptions(), new FamilyCatalog([]), TimeProvider.System, NullLogger<NotifySource>.Instance), BrowsersOf("wang", "li"), new PushOptions("mailto:ops@example.cn", null, origins), Key);

    private BrowserSubscription Browser(string endpoint) => new(endpoint, _browser.P256dh, _browser.Auth);

    private static Caller User(string name, Role role = Role.Viewer) => new(name, role, Scope.City, () => true);

    [Theory]
    [InlineData("http://push.example.com/sub/1")]
    [InlineData("https://push.example.com:8443/sub/1")]
    [InlineData("https://127.0.0.1/sub/1")]
    [InlineData("https://[::1]/sub/1")]
    [InlineData("https://10.1.2.3/sub/1")]
    [InlineData("https://2130706433/sub/1")]
    [InlineData("https://0x7f000001/sub/1")]
    [InlineData("https://localhost/sub/1")]
    [InlineData("https://intranet./sub/1")]
    [InlineData("https://user:pass@push.example.com/sub/1")]
    [InlineData("https://push.example.com/sub/1#x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://push.example.com/sub/1")]
    [InlineData("https://push.example.com/sub/\0")]
    [InlineData("https://push.example.com/sub/ä")]
    [InlineData("https://push.example.com/sub/1 ")]
    [InlineData("sub/1")]
    [InlineData("")]
    public void An_address_that_is_no_push_services_is_refused(string endpoint)
    {
        var refused = Assert.Throws<ApiException>(() => Desk(new Uri("https://push.city.example:8443")).Subscribe(Caller.Open, "wang", Browser(endpoint)));
        Assert.Equal(("bad_subscription", 400), (refused.Reason, refused.Status));
        Assert.Null(_outbox.PersonOfBrowser(endpoint));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    public void Only_what_lies_in_the_internet_is_called(string address, bool isPublic) => Assert.Equal(isPublic, PushEndpoint.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void A_named_origin_is_taken_wherever_it_is_and_nothing_beside_it()
    {
        var desk = Desk(new Uri("http://127.0.0.1:9000"));
        desk.Subscribe(Caller.Open, "wang", Browser("http://127.0.0.1:9000/sub/1"));
        foreach (var beside in (string[])["http://127.0.0.1:9001/sub/1", "https://127.0.0.1:9000/sub/1", "http://127.0.0.2:9000/sub/1", "http://127.0.0.1:9000@10.0.0.1/sub/1"])
            Assert.Throws<ApiException>(() => desk.Subscribe(Caller.Open, "wang", Browser(beside)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("BBBB", null)]
    [InlineData(null, "AAAA")]
    [InlineData(null, "not base64!")]
    // 65 bytes, and no point of the curve.
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", null)]
    public void Keys_that_are_none_are_refused(string? p256dh, string? auth) =>
        Assert.Equal("bad_subscription", Assert.Throws<ApiException>(() => Desk().Subscribe(Caller.Open, "wang", new BrowserSubscription(Service, p256dh ?? _browser.P256dh, auth ?? _browser.Auth))).Reason);

    [Fact]
    public void Nobody_subscribes_or_takes_off_in_anothers_place()
    {
        var desk = Desk();
        desk.Subscribe(User("wang"), "wang", Browser(Service + "1"));
        desk.Subscribe(User("李娜"), "li", Browser(Service + "2"));
        foreach (var act in (Action[])[
            () => desk.Subscribe(User("wang", Role.Administrator), "li", Browser(Service + "3")), () => desk.Subscribe(User("nobody"), "wang", Browser(Service + "3")), () => desk.Unsubscribe(User("wang"), Service + "2")])
        {
            Assert.Equal(("other_person", 403), Assert.Throws<ApiException>(act) is var refused ? (refused.Reason, refused.Status) : default);
        }
        Assert.Equal(("wang", "li", null), (_outbox.PersonOfBrowser(Service + "1"), _outbox.PersonOfBrowser(Service + "2"), _outbox.PersonOfBrowser(Service + "3")));
        desk.Unsubscribe(User("boss", Role.Administrator), Service + "2");
        desk.Unsubscribe(User("wang"), Service + "1");
        Assert.Equal((null, null), (_outbox.PersonOfBrowser(Service + "1"), _outbox.PersonOfBrowser(Service + "2")));
    }

    [Fact]
    public void A_person_has_so_many_browsers_and_who_left_has_none()
    {
        var desk = Desk();
        for (var number = 1; number <= Browsers.MostOfAPerson + 1; number++)
            desk.Subscribe(Caller.Open, "wang", Browser(Service + number));
        Assert.Equal(Enumerable.Range(2, Browsers.MostOfAPerson).Select(number => Service + number), _outbox.BrowsersOf("wang").Select(browser => browser.Subscription.Endpoint));
        // Once more is no other one, and who takes it over has it alone.
        desk.Subscribe(Caller.Open, "wang", Browser(Service + "3"));
        desk.Subscribe(Caller.Open, "li", Browser(Service + "4"));
        Assert.Equal((Browsers.MostOfAPerson - 1, "li"), (_outbox.BrowsersOf("wang").Count, desk.PersonOf(Service + "4")!.Id));
        var left = BrowsersOf("li");
        Assert.Empty(left.Of("wang"));
        Assert.Single(left.Of("li"));
    }

    [Fact]
    public void The_key_is_made_once_for_this_user_alone_and_another_file_is_refused_without_being_shown()
    {
        var first = Key;
        Assert.Equal(first, Key);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File(PushKey.FileName)));
        Assert.DoesNotContain(first.Private, first.ToString(), StringComparison.Ordinal);
        var other = _directory.File("other.pem");
        File.WriteAllText(other, "s3cret");
        Assert.Equal("it holds something else", PushKey.Problem(other));
        using var p384 = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        File.WriteAllText(other, p384.ExportPkcs8PrivateKeyPem());
        Assert.NotNull(PushKey.Problem(other));
        File.Copy(_directory.File(PushKey.FileName), other, overwrite: true);
        Assert.Equal((null, first), (PushKey.Problem(other), PushKey.Open(_directory.File("elsewhere"), other)));
    }
}
