using System.Net;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Notify.Crew;

/// <summary>Replies to an SMS and keys pressed in a call, as providers hand them on.</summary>
public sealed class ReplyTests : IAsyncLifetime
{
    private const string Wang = "+8613800000001", Chen = "+8613800000003";

    private readonly TempDirectory _directory = new();
    private CrewHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_directory.File("secret"), "s3cret\n");
        var secret = new SecretFile(_directory.File("secret"));
        _host = await CrewHost.StartAsync(new ChannelOptions
        {
            SmsReplies = new ReplyOptions(secret, "X-Secret: {secret}", "from.number", "text", null, "id", null),
            VoiceReplies = new ReplyOptions(secret, null, "phone", "digit", "code", null, "success"),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _directory.Dispose();
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body, string secret = "s3cret") =>
        _host.Api.SendAsync(HttpMethod.Post, "/api/v1/notify/replies/sms", body, headers: ("X-Secret", secret));

    private async Task<(string Result, string Text)> ReplyAsync(string text, string phone = Wang, string? id = null)
    {
        var (status, answer) = await PostAsync(JsonSerializer.Serialize(new { from = new { number = phone }, text, id }));
        Assert.Equal(HttpStatusCode.OK, status);
        var reply = Assert.Single(answer.GetProperty("replies").EnumerateArray());
        return (reply.Text("result"), reply.Text("text"));
    }

    private async Task<(HttpStatusCode Status, string Body)> PressAsync(string form, string? signature = null)
    {
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/notify/replies/voice", UriKind.Relative)) { Content = content };
        var seconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        request.Headers.Add("Telemetry-Signature", signature ?? WebhookChannel.Sign("s3cret"u8.ToArray(), seconds, Encoding.UTF8.GetBytes(form)));
        using var answer = await _host.Api.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("1 {0}")]
    [InlineData("1{0}")]
    [InlineData(" 1，{0} 收到")]
    [InlineData("１　#{0}")]
    public async Task One_and_the_code_accept_by_name_however_somebody_types_it(string text)
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        Assert.Equal(("taken", "接单，我去：已记录，1处。"), await ReplyAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, code)));
        Assert.Equal(("王伟", AlarmState.ActiveUnacknowledged), (_host.Alarm().AcceptedBy, _host.Alarm().State));
    }

    [Fact]
    public async Task One_reply_accepts_all_places_of_its_message_and_says_how_many()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync(), await _host.RaiseAsync("b"));
        Assert.Equal(("taken", "接单，我去：已记录，2处。"), await ReplyAsync($"1 {code}"));
        Assert.Equal(("王伟", "王伟"), (_host.Alarm().AcceptedBy, _host.Alarm("b").AcceptedBy));
        Assert.Equal("which_place", (await ReplyAsync($"4 {code}")).Result);
        Assert.Null(_host.Alarm().OnSiteAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_or_a_key_confirms_a_test_of_its_channel(bool byKey)
    {
        var proof = new ChannelProof("1.sms", 1, "sms", "wang", "王伟", null, _host.Api.Outbox.FreeProofCode("wang", 1), 2, "proof-1.sms.wang");
        var message = new Message(proof.Key, "wang", false, MessageKind.Proof, false, [MessageChannel.Sms], [], 1) { ProofCode = proof.Code };
        _host.Api.Outbox.AddProofs([proof], [new OutboxMessage(message, "王伟", [(OutboxDatabase.Recipient, ["sms"])])]);
        Assert.Equal("not_understood", (await ReplyAsync($"2 {proof.Code}")).Result);
        Assert.Equal("unknown", (await ReplyAsync($"1 {proof.Code}", Chen)).Result);
        if (byKey)
            Assert.Equal(HttpStatusCode.OK, (await PressAsync($"phone={Uri.EscapeDataString(Wang)}&digit=1&code={proof.Key}")).Status);
        else
            Assert.Equal(("confirmed", "测试已确认，谢谢。"), await ReplyAsync($"1 {proof.Code}"));
        Assert.Equal("王伟", Assert.Single(_host.Api.Outbox.Proofs()).ConfirmedBy);
    }

    [Fact]
    public async Task The_other_numbers_are_on_site_done_false_alarm_and_decline()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        Assert.Equal("not_accepted", (await ReplyAsync($"4 {code}")).Result);
        await ReplyAsync($"1 {code}");
        Assert.Equal("already", (await ReplyAsync($"1 {code}")).Result);
        Assert.Equal("taken", (await ReplyAsync($"4 {code}")).Result);
        Assert.Equal("taken", (await ReplyAsync($"3 {code} 水草缠住")).Result);
        Assert.Equal("taken", (await ReplyAsync($"5 {code}")).Result);
        Assert.Equal(("水草缠住", true, true), (_host.Alarm().FalseAlarm, _host.Alarm().OnSiteAt is not null, _host.Alarm().DoneAt is not null));
        var (_, other) = _host.Tell("wang", false, await _host.RaiseAsync("b"));
        Assert.Equal("taken", (await ReplyAsync($"2 {other}")).Result);
        Assert.Equal("王伟", _host.Alarm("b").DeclinedBy);
    }

    [Fact]
    public async Task Nobody_learns_whether_it_was_the_number_or_the_code_and_nothing_is_written()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        var written = _host.Written;
        var another = code == "0000" ? "0001" : "0000";
        var answers = new[] { await ReplyAsync($"1 {another}"), await ReplyAsync($"1 {code}", Chen), await ReplyAsync($"1 {code}", "+8613999999999") };
        Assert.Equal("unknown", Assert.Single(answers.Distinct()).Result);
        Assert.Equal("not_understood", (await ReplyAsync("收到")).Result);
        Assert.Equal("not_understood", (await ReplyAsync($"9 {code}")).Result);
        Assert.Equal("not_understood", (await ReplyAsync($"1 {code}5")).Result);
        Assert.Equal("not_understood", (await ReplyAsync("\ud83d 1")).Result);
        Assert.Equal(written, _host.Written);
    }

    [Theory]
    [InlineData("13800000001")]
    [InlineData("8613800000001")]
    [InlineData("008613800000001")]
    [InlineData("+86 138-0000-0001")]
    public async Task A_number_is_known_with_and_without_its_countrys_code(string phone)
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        Assert.Equal("taken", (await ReplyAsync($"1 {code}", phone)).Result);
    }

    [Fact]
    public async Task After_the_end_a_reply_is_told_so()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        await _host.Api.RaiseAsync(CrewHost.Flood() with { State = AlarmState.Normal }, AlarmState.ActiveUnacknowledged, "cleared");
        Assert.Equal(("ended", "报警已结束，无需处理。"), await ReplyAsync($"1 {code}"));
    }

    [Fact]
    public async Task A_reply_that_is_handed_on_again_counts_once()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        Assert.Equal("taken", (await ReplyAsync($"1 {code}", id: "r1")).Result);
        Assert.Equal("taken", (await ReplyAsync($"2 {code}", id: "r2")).Result);
        // The provider has not heard our first answer.
        Assert.Equal("repeated", (await ReplyAsync($"1 {code}", id: "r1")).Result);
        Assert.Equal(("王伟", null), (_host.Alarm().DeclinedBy, _host.Alarm().AcceptedBy));
    }

    [Fact]
    public async Task A_provider_may_hand_on_several_at_once()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        var (_, other) = _host.Tell("chen", false, await _host.RaiseAsync("b"));
        var (_, answer) = await PostAsync($$"""[{"from":{"number":"{{Wang}}"},"text":"1 {{code}}"},{"from":{"number":"{{Chen}}"},"text":"1 {{other}}"}]""");
        Assert.Equal(["taken", "taken"], answer.GetProperty("replies").EnumerateArray().Select(reply => reply.Text("result")));
        Assert.Equal(("王伟", "陈刚"), (_host.Alarm().AcceptedBy, _host.Alarm("b").AcceptedBy));
    }

    [Theory]
    [InlineData("{", "bad_body")]
    [InlineData("""{"text":"1 4711"}""", "bad_body")]
    [InlineData("""[1]""", "bad_body")]
    public async Task A_body_that_is_none_says_what_is_missing(string body, string reason)
    {
        var answer = await PostAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, reason), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task Whoever_has_not_the_secret_answers_for_nobody()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        var answer = await PostAsync($$"""{"from":{"number":"{{Wang}}"},"text":"1 {{code}}"}""", "guess");
        Assert.Equal((HttpStatusCode.Unauthorized, "wrong_secret"), (answer.Status, answer.Reason()));
        Assert.Equal(1, _host.Api.Logins.Counts[("reply_sms", "wrong_secret")]);
        Assert.Null(_host.Alarm().AcceptedBy);
    }

    [Fact]
    public async Task A_key_pressed_in_a_call_accepts_or_declines_and_the_provider_hears_its_own_yes()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        Assert.Equal((HttpStatusCode.OK, "success"), await PressAsync($"phone=13800000001&digit=1&code={code}"));
        Assert.Equal("王伟", _host.Alarm().AcceptedBy);
        await PressAsync("phone=13800000001&digit=2&code=t1.wang.0");
        Assert.Equal("王伟", _host.Alarm().DeclinedBy);
    }

    [Fact]
    public async Task Of_two_persons_on_one_phone_the_newest_message_counts()
    {
        var file = Files.Right(Files.Small.Replace("+8613800000003", "+8613800000001", StringComparison.Ordinal));
        var secret = new SecretFile(_directory.File("secret"));
        await using var api = await ApiHost.StartAsync(Files.Families.All, null, file, new ChannelOptions { SmsReplies = new ReplyOptions(secret, "X-Secret: {secret}", "number", "text", null, null, null) });
        // Both messages happen to have the code of this key.
        foreach (var (number, recipient) in new[] { (1, "chen"), (2, "wang") })
        {
            var alarm = await api.RaiseAsync(CrewHost.Flood(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            var message = new Message($"same.{recipient}.0", recipient, false, MessageKind.Call, false, [MessageChannel.Sms], [new Place(alarm, "same", PlaceNews.Stands, 0)], Telemetry.Ingest.Tests.State.Samples.T0 + (recipient == "chen" ? 0 : 60_000));
            api.Outbox.Commit("log", number, [new OutboxMessage(message, recipient, [(OutboxDatabase.Recipient, ["sms"])])], []);
            api.Outbox.Agree(message, "4711", "link" + recipient);
        }
        await api.SendAsync(HttpMethod.Post, "/api/v1/notify/replies/sms", """{"number":"13800000001","text":"1 4711"}""", headers: ("X-Secret", "s3cret"));

        Assert.Equal((null, "王伟"), (api.Book.Find("1".PadLeft(32, '0'))!.AcceptedBy, api.Book.Find("2".PadLeft(32, '0'))!.AcceptedBy));
    }

    [Fact]
    public async Task A_signature_is_of_this_body_and_of_now()
    {
        var (_, code) = _host.Tell("wang", false, await _host.RaiseAsync());
        var form = $"phone=13800000001&digit=1&code={code}";
        var old = WebhookChannel.Sign("s3cret"u8.ToArray(), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 301, Encoding.UTF8.GetBytes(form));
        var another = WebhookChannel.Sign("s3cret"u8.ToArray(), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), "digit=2"u8);
        foreach (var signature in new[] { old, another, "", "t=x,v1=y", "t=99999999999999999999" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await PressAsync(form, signature)).Status);
        Assert.Null(_host.Alarm().AcceptedBy);
    }

    [Fact]
    public async Task Without_its_keys_nobody_reads_replies()
    {
        await using var host = await CrewHost.StartAsync();
        var answer = await host.Api.PostAsync("/api/v1/notify/replies/sms", "{}");
        Assert.Equal((HttpStatusCode.NotFound, "no_replies"), (answer.Status, answer.Reason()));
    }
}
