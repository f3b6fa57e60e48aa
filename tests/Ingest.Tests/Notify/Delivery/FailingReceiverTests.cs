using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Simulators.City;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>A real provider over real sockets that fails in every way there is, and comes round in the end; our clock goes 20 times as fast.</summary>
public sealed class FailingReceiverTests(ITestOutputHelper output) : IDisposable
{
    private const int Messages = 40;

    private readonly TempDirectory _directory = new();
    private readonly FastClock _time = new(TimeProvider.System.GetUtcNow(), 20, TimeProvider.System);

    public void Dispose() => _directory.Dispose();

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Through_every_failure_all_arrive_and_none_under_another_key()
    {
        // Each message fails twice, in ways that differ from message to message.
        Answer[] failures = [Answer.TimeOut, Answer.TooMany, Answer.Error500, Answer.Reset, Answer.Drip, Answer.Wrong];
        var seen = new ConcurrentDictionary<string, int>();
        await using var receiver = await Receiver.StartAsync(received =>
        {
            var nth = seen.AddOrUpdate(received.Key, 1, (_, before) => before + 1);
            var number = int.Parse(received.Key.Split('.')[0].AsSpan(1), CultureInfo.InvariantCulture);
            return nth <= 2 ? failures[(number + (nth * number / 6)) % failures.Length] : Answer.Yes;
        });
        using var http = new HttpCaller([]);
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        var stats = new DeliveryStats();
        var sender = new ChannelSender(new ProviderChannel("sms", Letters.Provider(receiver.Url), envelope => envelope.Text.Sms(envelope.Code), http), outbox, Letters.Of, Now, stats, _ => { }, _time, NullLogger.Instance);
        outbox.Commit("log", 1, [.. Enumerable.Range(1, Messages).Select(number => Letters.Message(number, MessageKind.Notice).For("sms"))], []);
        var began = TimeProvider.System.GetTimestamp();
        using var stop = new CancellationTokenSource();
        var running = sender.RunAsync(stop.Token);
        await Wait.ForAsync("all sent", () => outbox.Open().Count == 0, 60);
        await stop.CancelAsync();
        await running;

        output.WriteLine($"{Messages} messages, {receiver.All.Count} requests, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s (20 times as fast): {string.Join(", ", stats.Attempts.OrderBy(pair => pair.Of).Select(pair => $"{pair.Of.Result} {pair.Count}"))}");
        var keys = Enumerable.Range(1, Messages).Select(number => $"t{number}.wang.0").Order(StringComparer.Ordinal);
        Assert.Equal(keys, receiver.Taken.Select(taken => taken.Key).Distinct().Order(StringComparer.Ordinal));
        Assert.All(receiver.All, one => Assert.Contains($"\"id\":\"{one.Key}\"", one.Body, StringComparison.Ordinal));
        foreach (var result in (string[])["timed_out", "busy", "failed", "unreachable", "bad_answer", "sent"])
            Assert.Contains(stats.Attempts, pair => pair.Of.Result == result);
    }

    [Fact]
    public async Task A_call_whose_provider_hangs_is_an_SMS_within_20_s()
    {
        await using var hangs = await Receiver.StartAsync(_ => Answer.TimeOut);
        await using var works = await Receiver.StartAsync();
        using var http = new HttpCaller([]);
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        // Slower: one that works answers within 2 s of ours, a quarter of its own.
        var time = new FastClock(TimeProvider.System.GetUtcNow(), 4, TimeProvider.System);
        ChannelSender Sender(string name, Uri url) =>
            new(new ProviderChannel(name, Letters.Provider(url), envelope => envelope.Text.Voice, http), outbox, Letters.Of, () => time.GetUtcNow().ToUnixTimeMilliseconds(), new DeliveryStats(), _ => { }, time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(Sender("voice", hangs.Url).RunAsync(stop.Token), Sender("sms", works.Url).RunAsync(stop.Token));
        outbox.Commit("log", 1, [Letters.Message(1).For("voice", "sms")], []);
        await Wait.ForAsync("an SMS", () => outbox.Open().Count == 0);
        await stop.CancelAsync();
        await running;
        var history = outbox.OfAlarm(Letters.Message(1).Places[0].Alarm.Id);
        var attempts = history.Select(attempt => $"{attempt.Channel} {attempt.Result}").ToList();
        Assert.Equal("sms sent", attempts[^1]);
        // Where the machine is slow the second call comes too late to be made.
        Assert.InRange(attempts.Count, 2, 3);
        Assert.All(attempts.SkipLast(1), attempt => Assert.Equal("voice timed_out", attempt));
        Assert.Equal("t1.wang.0", Assert.Single(works.Taken).Key);
    }

    [Fact]
    public async Task Of_a_server_with_a_strange_certificate_nothing_is_taken_and_of_a_trusted_one_everything()
    {
        using var certificates = new Certificates();
        using var certificate = certificates.Issue();
        await using var receiver = await Receiver.StartAsync(certificate: certificate);
        var url = new UriBuilder(receiver.Url) { Host = "localhost" }.Uri;
        using var strange = new HttpCaller([]);
        Assert.Equal(Outcome.Unreachable("tls"), await SendAsync(strange));
        using var authority = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(certificates.AuthorityFile);
        using var trusted = new HttpCaller([authority]);
        Assert.Equal(Outcome.Sent, await SendAsync(trusted));
        Assert.Single(receiver.All);

        Task<Outcome> SendAsync(HttpCaller http) => new ProviderChannel("sms", Letters.Provider(url), envelope => "text", http).SendAsync(Letters.Of(Letters.Message(1)), CancellationToken.None);
    }
}
