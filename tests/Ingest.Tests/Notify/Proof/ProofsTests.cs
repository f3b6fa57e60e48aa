using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Notify.Delivery;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Proof;

/// <summary>Tests of the channels of critical alarms over a real outbox, week after week.</summary>
public sealed class ProofsTests : IDisposable
{
    // wang has the week of 2026-11-30 from Monday 08:00; li has no mail.
    private static readonly NotifyFile File = Files.Right(
        Files.Small.Replace("wang: {name: 王伟,", "wang: {name: 王伟, mail: wang@example.cn,", StringComparison.Ordinal) + "\nproof: {day: monday, at: \"10:00\", to: duty, within: 2h}");

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Files.At("2026-11-30 09:59")));
    private readonly List<string> _said = [];
    private OutboxDatabase _outbox;
    private Proofs _proofs;

    public ProofsTests()
    {
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        _proofs = Start(stands: false);
    }

    public void Dispose()
    {
        _proofs.Dispose();
        _outbox.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task On_its_day_each_channel_sends_one_test_to_whoever_is_on_call_by_that_channel_alone()
    {
        await LookAsync();
        Assert.Empty(_outbox.Proofs());
        await LookAsync("2026-11-30 10:00");
        await LookAsync("2026-11-30 10:01");
        Assert.Equal(["mail wang", "sms wang", "voice wang"], _outbox.Proofs().Select(proof => $"{proof.Channel} {proof.Person}"));
        foreach (var channel in (string[])["voice", "sms", "mail"])
        {
            var delivery = Assert.Single(_outbox.Due(channel, Now, 10));
            Assert.Equal([channel], delivery.Ways);
            var code = _outbox.Proofs().Single(proof => proof.Channel == channel).Code;
            var text = Letters.Of(delivery.Message).Text;
            Assert.Equal("【测试】【城市遥测】通知渠道测试", text.Subject);
            Assert.Equal($"【测试】【城市遥测】通知渠道测试，无需出动。请告知值班室验证码：{code}", text.Sms("0000"));
            Assert.Contains(string.Join(' ', code.AsEnumerable()), text.Voice, StringComparison.Ordinal);
            Assert.Contains(code, text.Body, StringComparison.Ordinal);
        }
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Who_has_not_the_channel_is_passed_by_and_the_next_one_of_the_team_gets_it()
    {
        // li has the next week, and no mail.
        await LookAsync("2026-12-07 10:00");
        Assert.Equal(["mail wang", "sms li", "voice li"], _outbox.Proofs().Select(proof => $"{proof.Channel} {proof.Person}"));
    }

    [Fact]
    public async Task A_real_call_goes_before_a_test()
    {
        await LookAsync("2026-11-30 10:00");
        _outbox.Commit("log", 1, [Letters.Message(1, channels: MessageChannel.Voice).For("voice")], []);
        Assert.Equal(["t1.wang.0", "proof"], _outbox.Due("voice", Now, 10).Select(delivery => delivery.Message.Key.Split('-')[0]));
    }

    [Fact]
    public async Task Unconfirmed_in_time_it_is_an_alarm_and_over_with_the_last_confirmation()
    {
        await LookAsync("2026-11-30 10:00");
        await ConfirmAsync("mail");
        await LookAsync("2026-11-30 11:59");
        Assert.Empty(_said);
        await LookAsync("2026-11-30 12:00");
        Assert.Equal(["channel_unproven True sms: 王伟 has not confirmed the test of 2026-11-30 10:00; voice: 王伟 has not confirmed the test of 2026-11-30 10:00"], Said());
        await ConfirmAsync("voice");
        await LookAsync("2026-11-30 12:05");
        Assert.Empty(_said);
        await ConfirmAsync("sms");
        await LookAsync("2026-11-30 12:06");
        Assert.Equal(["channel_unproven False all channels are proved"], Said());
    }

    [Fact]
    public async Task A_restart_sends_nothing_twice_and_says_nothing_anew()
    {
        await LookAsync("2026-11-30 10:00");
        await LookAsync("2026-11-30 13:00");
        Assert.Single(Said());
        Restart(stands: true);
        await LookAsync("2026-11-30 13:01");
        Assert.Equal(3, _outbox.Proofs().Count);
        Assert.Empty(_said);
        await ConfirmAsync("mail");
        await ConfirmAsync("sms");
        await ConfirmAsync("voice");
        await LookAsync("2026-11-30 13:02");
        Assert.Equal(["channel_unproven False all channels are proved"], Said());
    }

    [Fact]
    public async Task A_week_whose_test_a_downtime_took_is_an_alarm_until_one_by_hand_is_confirmed()
    {
        await LookAsync("2026-11-30 10:00");
        await ConfirmAsync("mail");
        await ConfirmAsync("sms");
        await ConfirmAsync("voice");
        // The service was down on the next Monday.
        await LookAsync("2026-12-08 09:00");
        Assert.Contains("voice: the test of 2026-12-07 10:00 did not go out", Assert.Single(Said()), StringComparison.Ordinal);
        Assert.Equal(3, (await SendAsync(null)).Count);
        await ConfirmAsync("mail");
        await ConfirmAsync("sms");
        await ConfirmAsync("voice");
        await LookAsync("2026-12-08 09:05");
        Assert.Equal(["channel_unproven False all channels are proved"], Said());
    }

    [Fact]
    public async Task A_code_is_said_by_who_has_it_and_the_first_to_confirm_stays()
    {
        await LookAsync("2026-11-30 10:00");
        var proof = _outbox.Proofs()[0];
        var wrong = proof.Code == "0000" ? "0001" : "0000";
        Assert.Equal("wrong_code", (await Assert.ThrowsAsync<ApiException>(() => _proofs.ConfirmAsync(proof.Id, "Chen", wrong))).Reason);
        Assert.Equal("unknown_proof", (await Assert.ThrowsAsync<ApiException>(() => _proofs.ConfirmAsync("1.fax", "Chen", proof.Code))).Reason);
        Assert.Equal("Chen", (await _proofs.ConfirmAsync(proof.Id, "Chen", proof.Code)).ConfirmedBy);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(("Chen", Now - 60_000), ((await _proofs.ConfirmAsync(proof.Id, "Li", proof.Code)).ConfirmedBy, _outbox.Proofs()[0].ConfirmedAt));
    }

    [Fact]
    public async Task By_hand_one_channel_alone_can_be_tested()
    {
        Assert.Equal(["sms"], (await SendAsync("sms")).Select(proof => proof.Channel));
        Assert.Equal("too_soon", (await Assert.ThrowsAsync<ApiException>(() => SendAsync(null))).Reason);
        Assert.Equal(["voice"], (await SendAsync("voice")).Select(proof => proof.Channel));
        Assert.Equal("unknown_channel", (await Assert.ThrowsAsync<ApiException>(() => SendAsync("fax"))).Reason);
    }

    [Fact]
    public async Task A_full_disk_is_tried_again()
    {
        _outbox.Limit(1);
        // Until not even one more fits.
        while (await Record.ExceptionAsync(() => SendAsync("sms")) is null)
            _time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync("2026-12-07 10:00");
        Assert.DoesNotContain(_outbox.Proofs(), proof => proof.AskedBy is null);
        _outbox.Limit(100_000);
        await LookAsync("2026-12-07 10:01");
        Assert.Equal(3, _outbox.Proofs().Count(proof => proof.AskedBy is null));
    }

    [Theory]
    [InlineData("day: mon", "'mon' is no day of the week; write day: monday")]
    [InlineData("at: \"25:00\"", "'25:00' is not a time of day")]
    [InlineData("to: dutty", "'dutty' is no team; did you mean 'duty'?")]
    [InlineData("within: 2d", "from 1min to 24h")]
    [InlineData("when: now", "unknown key 'when'")]
    public void A_mistake_in_the_file_says_what_would_be_right(string wrong, string expected)
    {
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["day"] = "monday", ["at"] = "\"10:00\"", ["to"] = "duty" };
        var key = wrong.Split(':')[0];
        parts[key] = wrong[(key.Length + 2)..];
        var errors = Files.Read(Files.Small + $"\nproof: {{{string.Join(", ", parts.Select(part => $"{part.Key}: {part.Value}"))}}}").Errors;
        Assert.Contains(errors, error => error.ToString().Contains(expected, StringComparison.Ordinal));
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private Proofs Start(bool stands)
    {
        var source = new NotifySource(File, new ServiceOptions(), new FamilyCatalog([]), _time, NullLogger<NotifySource>.Instance);
        return new Proofs(source, new ProofBook(_outbox, null, _time), ["voice", "sms", "mail", "webhook"], Append, () => stands, Ownership.Alone, () => Now, _time, NullLogger.Instance);

        ValueTask<Task<long>> Append(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
        {
            _said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Rule} {entry.Active} {entry.Detail}"));
            return ValueTask.FromResult(Task.FromResult(1L));
        }
    }

    private void Restart(bool stands)
    {
        _proofs.Dispose();
        _outbox.Dispose();
        _outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        _proofs = Start(stands);
    }

    private async Task LookAsync(string? at = null)
    {
        if (at is not null)
            _time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(Files.At(at)));
        await _proofs.LookAsync(CancellationToken.None);
    }

    private Task<IReadOnlyList<ChannelProof>> SendAsync(string? channel) => _proofs.SendAsync("Chen", channel, CancellationToken.None);

    private async Task ConfirmAsync(string channel)
    {
        var proof = _outbox.Proofs().First(proof => proof.Channel == channel);
        await _proofs.ConfirmAsync(proof.Id, "Chen", proof.Code);
    }

    private string[] Said()
    {
        string[] said = [.. _said];
        _said.Clear();
        return said;
    }
}
