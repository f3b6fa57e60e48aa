using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Notify.Delivery;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Second;

/// <summary>What is critical is hidden by two: by a code that came to the second one, or by a token of their own.</summary>
public sealed class SecondPersonTests : IDisposable
{
    private static readonly Dictionary<string, string> Tokens = ((string[])["wang", "zhao", "eye", "far"]).ToDictionary(name => name, _ => ApiToken.New());
    private static readonly string Until = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 600_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private readonly Credentials _credentials = new();

    public void Dispose() => _credentials.Dispose();

    private async Task<ApiHost> StartAsync(bool users = true, bool channels = true)
    {
        _credentials.WriteUsers([.. Tokens.Select(pair => pair.Key == "far"
            ? $"far: {{role: operator, token: {ApiToken.HashOf(pair.Value)}, districts: [south]}}"
            : Credentials.Line(pair.Key, pair.Key == "eye" ? "viewer" : "operator", pair.Value))]);
        var host = await ApiHost.StartAsync(
            Files.Families.All, users ? _credentials.Options() : null, Files.Right(Files.Small), channels ? new ChannelOptions { Sms = Letters.Provider(new Uri("http://127.0.0.1/")) } : null);
        foreach (var id in (string[])["a", "b"])
            await host.RaiseAsync(Samples.Alarm(id) with { Severity = Severity.Critical });
        return host;
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(ApiHost host, string? user, string path, string body) =>
        host.SendAsync(HttpMethod.Post, "/api/v1/alarms/" + path, body, headers: user is null ? [] : [("Authorization", "Bearer " + Tokens[user])]);

    private static string Shelve(string more = "") => $$"""{"reason": "welding", "until": {{Until}}{{(more.Length > 0 ? ", " + more : "")}}}""";

    /// <summary>As it stands in the message.</summary>
    private static string Code(ApiHost host) => host.Outbox.Due("sms", long.MaxValue, 100)[^1].Message.Second!.Code;

    [Fact]
    public async Task A_name_alone_hides_nothing_critical_and_the_code_that_the_leader_got_does_once()
    {
        await using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.Conflict, "second_person_code"), await CallAsync(host, "wang", "a/shelve", Shelve("\"second\": \"Chen\"")) is var named ? (named.Status, named.Reason()) : default);
        var asked = await CallAsync(host, "wang", "a/second-person", "{}");
        Assert.Equal((HttpStatusCode.OK, "chen", "陈刚"), (asked.Status, asked.Body.Text("person"), asked.Body.Text("name")));
        var delivery = Assert.Single(host.Outbox.Due("sms", long.MaxValue, 100));
        Assert.Equal(("chen", 6), (delivery.Message.Recipient, Code(host).Length));
        // Neither the asker nor a program reads it.
        Assert.DoesNotContain(Code(host), asked.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(Code(host), new Ingest.Notify.Texts.CrewText(Files.Right(Files.Small), delivery.Message, _ => throw new InvalidOperationException()).Sms("0000"), StringComparison.Ordinal);

        var shelved = await CallAsync(host, "wang", "a/shelve", Shelve($"\"code\": \"{Code(host)}\""));
        Assert.Equal((HttpStatusCode.OK, "shelved", "陈刚"), (shelved.Status, shelved.Body.Text("state"), shelved.Body.GetProperty("overlay").Text("second")));
        await CallAsync(host, "wang", "a/unshelve", "{}");
        Assert.Equal("no_code", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"code\": \"{Code(host)}\""))).Reason());
    }

    [Fact]
    public async Task A_code_is_good_for_its_alarm_and_its_asker_alone()
    {
        await using var host = await StartAsync();
        await CallAsync(host, "wang", "a/second-person", """{"person": "li"}""");
        var code = $"\"code\": \"{Code(host)}\"";
        Assert.Equal("no_code", (await CallAsync(host, "wang", "b/shelve", Shelve(code))).Reason());
        Assert.Equal("no_code", (await CallAsync(host, "zhao", "a/shelve", Shelve(code))).Reason());
        Assert.Equal("too_soon", (await CallAsync(host, "wang", "a/second-person", "{}")).Reason());
        // What is wrong otherwise does not use it up.
        Assert.Equal("too_long", (await CallAsync(host, "wang", "a/shelve", $$"""{"reason": "x", "until": {{long.Parse(Until, System.Globalization.CultureInfo.InvariantCulture) + 3_600_000}}, {{code}}}""")).Reason());
        Assert.Equal("bad_body", (await CallAsync(host, "wang", "a/shelve", Shelve(code + ", \"second\": \"Chen\""))).Reason());
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(host, "wang", "a/suppress", Shelve(code))).Status);
    }

    [Fact]
    public async Task Five_wrong_ones_and_the_right_one_is_none_any_more()
    {
        await using var host = await StartAsync();
        await CallAsync(host, "wang", "a/second-person", "{}");
        var wrong = Code(host) == "000000" ? "000001" : "000000";
        for (var i = 0; i < SecondCodes.Tries; i++)
            Assert.Equal("wrong_code", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"code\": \"{wrong}\""))).Reason());
        Assert.Equal("no_code", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"code\": \"{Code(host)}\""))).Reason());
        Assert.NotEqual(Rules.Alarms.AlarmState.Shelved, host.Book.Find("a")!.State);
    }

    [Fact]
    public async Task Another_users_own_token_agrees_and_ones_own_or_a_viewers_does_not()
    {
        await using var host = await StartAsync();
        Assert.Equal("same_person", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"secondToken\": \"{Tokens["wang"]}\""))).Reason());
        Assert.Equal("role", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"secondToken\": \"{Tokens["eye"]}\""))).Reason());
        Assert.Equal("unauthenticated", (await CallAsync(host, "wang", "a/shelve", Shelve($"\"secondToken\": \"{ApiToken.New()}\""))).Reason());
        var shelved = await CallAsync(host, "wang", "a/shelve", Shelve($"\"secondToken\": \"{Tokens["zhao"]}\""));
        Assert.Equal((HttpStatusCode.OK, "zhao"), (shelved.Status, shelved.Body.GetProperty("overlay").Text("second")));
    }

    [Fact]
    public async Task Whoever_does_not_see_the_alarm_does_not_agree_to_hiding_it()
    {
        await using var host = await StartAsync();
        var refused = await CallAsync(host, "wang", "a/shelve", Shelve($"\"secondToken\": \"{Tokens["far"]}\""));
        Assert.Equal((HttpStatusCode.Forbidden, "scope"), (refused.Status, refused.Reason()));
        Assert.Equal(Rules.Alarms.AlarmState.ActiveUnacknowledged, host.Book.Find("a")!.State);
    }

    [Fact]
    public async Task Nobody_is_their_own_second_person()
    {
        await using var host = await StartAsync();
        Assert.Equal("same_person", (await CallAsync(host, "wang", "a/second-person", """{"person": "wang"}""")).Reason());
        Assert.Equal("unknown_person", (await CallAsync(host, "wang", "a/second-person", """{"person": "nobody"}""")).Reason());
        Assert.Equal("role", (await CallAsync(host, "eye", "a/second-person", "{}")).Reason());
        Assert.Empty(host.Outbox.Due("sms", long.MaxValue, 100));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Without_users_or_without_a_channel_a_name_is_enough_as_before(bool users, bool channels)
    {
        await using var host = await StartAsync(users, channels);
        var user = users ? "wang" : null;
        Assert.Equal("second_person", (await CallAsync(host, user, "a/shelve", Shelve())).Reason());
        var shelved = await CallAsync(host, user, "a/shelve", Shelve("\"second\": \"Chen\""));
        Assert.Equal((HttpStatusCode.OK, "Chen"), (shelved.Status, shelved.Body.GetProperty("overlay").Text("second")));
    }

    [Fact]
    public async Task A_code_is_good_for_five_minutes()
    {
        var (now, sent, cancellation) = (1_000_000L, new List<SecondCode>(), TestContext.Current.CancellationToken);
        using var codes = new SecondCodes(null, sent.Add, () => now);
        var code = (await codes.MakeAsync("a", "wang", "chen", "leak", cancellation))!;
        Assert.Null(await codes.MakeAsync("a", "wang", "chen", "leak", cancellation));
        now += SecondCodes.Between;
        var next = (await codes.MakeAsync("a", "wang", "li", "leak", cancellation))!;
        Assert.Equal([code, next], sent);
        if (code.Code != next.Code)
            Assert.Equal((null, "wrong_code"), await codes.TakeAsync("a", "wang", code.Code, cancellation));
        now += SecondCodes.Lifetime - 1;
        Assert.Equal(("li", null), await codes.TakeAsync("a", "wang", next.Code, cancellation));
        now += SecondCodes.Between;
        next = (await codes.MakeAsync("a", "wang", "li", "leak", cancellation))!;
        now += SecondCodes.Lifetime;
        Assert.Equal((null, "no_code"), await codes.TakeAsync("a", "wang", next.Code, cancellation));
        Assert.Equal(3, sent.Count);
    }

    [Fact]
    public async Task A_code_that_could_not_be_sent_is_none_and_another_may_be_asked_for_at_once()
    {
        var (fails, cancellation) = (true, TestContext.Current.CancellationToken);
        using var codes = new SecondCodes(null, _ => { if (fails) throw new IOException("disk full"); }, () => 1_000_000);
        await Assert.ThrowsAsync<IOException>(() => codes.MakeAsync("a", "wang", "chen", "leak", cancellation));
        Assert.Equal((null, "no_code"), await codes.TakeAsync("a", "wang", "000000", cancellation));
        fails = false;
        Assert.NotNull(await codes.MakeAsync("a", "wang", "chen", "leak", cancellation));
    }
}
