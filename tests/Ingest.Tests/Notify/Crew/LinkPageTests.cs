using System.Net;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Crew;

/// <summary>The page that a link opens, over HTTP.</summary>
public sealed class LinkPageTests : IAsyncLifetime
{
    private CrewHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await CrewHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static readonly string Id = CrewHost.Flood().Id;

    [Fact]
    public async Task Looking_ten_times_as_previews_of_messages_do_changes_nothing()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var written = _host.Written;
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.OK, (await _host.LookAsync(link)).Status);
        Assert.Equal(written, _host.Written);
        Assert.Equal(CrewHost.Flood() with { Position = _host.Alarm().Position }, _host.Alarm());
    }

    [Fact]
    public async Task The_hazard_comes_first_then_place_map_since_value_action_and_state()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var page = (await _host.LookAsync(link)).Page;
        string[] inOrder =
        [
            "<h1>危及生命：下穿通道积水</h1>", "八一大道&lt;下穿&gt; (PS-1)", "https://map.example.cn/28.680000,115.900000", "2024-11-24 17:20", "2.375 m (限值 2.2 m)", "一级", "派员封闭两侧", "路障、锥桶、警示灯", "尚无人接单",
            "接单，我去", "我去不了", "报告误报", "您：王伟",
        ];
        Assert.Equal(inOrder.Select(part => (part, true)), inOrder.Select(part => (part, page.Contains(part, StringComparison.Ordinal))));
        Assert.Equal(inOrder.Select(part => page.IndexOf(part, StringComparison.Ordinal)).Order(), inOrder.Select(part => page.IndexOf(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_button_acts_in_the_persons_name_acknowledges_nothing_and_the_next_ones_follow()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());

        Assert.Equal(HttpStatusCode.SeeOther, (await _host.PressAsync(link, "accept")).Status);
        Assert.Equal(("王伟", AlarmState.ActiveUnacknowledged, null), (_host.Alarm().AcceptedBy, _host.Alarm().State, _host.Alarm().AcknowledgedBy));
        Assert.Equal(["on-site", "decline", "false-alarm"], (await _host.ButtonsAsync(link)).Keys.Select(key => key.Step));

        Assert.Equal(HttpStatusCode.SeeOther, (await _host.PressAsync(link, "on-site")).Status);
        Assert.NotNull(_host.Alarm().OnSiteAt);
        Assert.Equal(["done", "false-alarm"], (await _host.ButtonsAsync(link)).Keys.Select(key => key.Step));

        Assert.Equal(HttpStatusCode.SeeOther, (await _host.PressAsync(link, "done")).Status);
        Assert.NotNull(_host.Alarm().DoneAt);
        Assert.Empty(await _host.ButtonsAsync(link));
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_says_what_is_so_already_and_writes_nothing()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var token = (await _host.ButtonsAsync(link))[(Id, "accept")];
        await _host.PostAsync(link, Id, "accept", token);
        var written = _host.Written;

        var (status, page) = await _host.PostAsync(link, Id, "accept", token);

        Assert.Equal((HttpStatusCode.OK, written), (status, _host.Written));
        Assert.Contains("此前已经如此", page, StringComparison.Ordinal);
        Assert.Contains("王伟", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_spent_once_the_response_has_moved_on()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var accept = (await _host.ButtonsAsync(link))[(Id, "accept")];
        await _host.PressAsync(link, "accept");
        await _host.PressAsync(link, "decline");
        var written = _host.Written;

        var (status, page) = await _host.PostAsync(link, Id, "accept", accept);

        Assert.Equal((HttpStatusCode.Conflict, written, "王伟"), (status, _host.Written, _host.Alarm().DeclinedBy));
        Assert.Contains("情况有变", page, StringComparison.Ordinal);
        // The page that comes with it has one that is good.
        Assert.Equal(HttpStatusCode.SeeOther, (await _host.PressAsync(link, "accept")).Status);
    }

    [Fact]
    public async Task A_token_is_good_for_its_own_step_alarm_and_link_alone()
    {
        var (first, second) = (await _host.RaiseAsync(), await _host.RaiseAsync("b"));
        var link = _host.Tell("wang", first, second);
        var other = _host.Tell("chen", first);
        var buttons = await _host.ButtonsAsync(link);
        var accept = buttons[(Id, "accept")];
        var written = _host.Written;

        (string Link, string Alarm, string Step, string Token)[] wrong =
        [
            (link, Id, "done", accept), (link, Id, "decline", accept), (link, Id, "take-over", accept), (link, second.Id, "accept", accept), (other, Id, "accept", accept),
            (link, Id, "accept", (accept[0] == 'A' ? "B" : "A") + accept[1..]), (link, Id, "accept", accept[..^1] + (accept[^1] == 'A' ? 'B' : 'A')), (link, Id, "accept", ""), (link, Id, "accept", accept + "A"),
            (link, Id, "accept", "不是令牌"), (link, Id, "acknowledge", accept), (link, "none", "accept", accept),
        ];
        foreach (var (way, alarm, step, token) in wrong)
            Assert.Equal(HttpStatusCode.BadRequest, (await _host.PostAsync(way, alarm, step, token)).Status);
        Assert.Equal(written, _host.Written);
        Assert.Equal(wrong.Length, _host.Api.Logins.Counts[("link", "bad_step")]);
    }

    [Fact]
    public async Task What_somebody_else_accepted_is_taken_over_and_declined_by_nobody_else()
    {
        var alarm = await _host.RaiseAsync();
        var (wang, chen) = (_host.Tell("wang", alarm), _host.Tell("chen", alarm));
        var (accept, decline) = ((await _host.ButtonsAsync(chen))[(Id, "accept")], (await _host.ButtonsAsync(chen))[(Id, "decline")]);
        await _host.PressAsync(wang, "accept");

        Assert.Contains("已由他人接单", (await _host.PostAsync(chen, Id, "accept", accept)).Page, StringComparison.Ordinal);
        Assert.Contains("已由他人接单", (await _host.PostAsync(chen, Id, "decline", decline)).Page, StringComparison.Ordinal);
        Assert.Equal("王伟", _host.Alarm().AcceptedBy);

        Assert.Equal(HttpStatusCode.SeeOther, (await _host.PressAsync(chen, "take-over")).Status);
        Assert.Equal("陈刚", _host.Alarm().AcceptedBy);
    }

    [Fact]
    public async Task A_false_alarm_needs_a_reason()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var (status, page) = await _host.PressAsync(link, "false-alarm", reason: " ");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("请写明实际情况", page, StringComparison.Ordinal);

        await _host.PressAsync(link, "false-alarm", reason: "传感器<被>水草缠住");
        Assert.Equal("传感器<被>水草缠住", _host.Alarm().FalseAlarm);
        Assert.Contains("误报：传感器&lt;被&gt;水草缠住", (await _host.LookAsync(link)).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_alarm_has_ended_the_page_says_so_and_takes_nothing()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var accept = (await _host.ButtonsAsync(link))[(Id, "accept")];
        await _host.Api.RaiseAsync(CrewHost.Flood() with { State = AlarmState.Normal, ClearedAt = 1 }, AlarmState.ActiveUnacknowledged, "cleared");
        var written = _host.Written;

        var (look, page, _) = await _host.LookAsync(link);
        Assert.Equal(HttpStatusCode.OK, look);
        Assert.Contains("下穿通道积水 已恢复", page, StringComparison.Ordinal);
        Assert.Contains("报警已结束", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
        var (status, said) = await _host.PostAsync(link, Id, "accept", accept);
        Assert.Equal((HttpStatusCode.Conflict, written), (status, _host.Written));
        Assert.Contains("报警已结束，无需处理", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_several_places_lists_them_the_worst_first_each_with_its_own_buttons()
    {
        var (low, high) = (await _host.RaiseAsync("b", Severity.High), await _host.RaiseAsync());
        var link = _host.Tell("wang", low, high);
        Assert.Equal([(Id, "accept"), (low.Id, "accept")], (await _host.ButtonsAsync(link)).Keys.Where(key => key.Step == "accept").Select(key => (key.Alarm, key.Step)));

        await _host.PressAsync(link, "accept", "b");
        Assert.Equal((null, "王伟"), (_host.Alarm().AcceptedBy, _host.Alarm("b").AcceptedBy));
    }

    [Fact]
    public async Task Of_very_many_places_a_page_has_twenty()
    {
        var alarms = new List<Alarm>();
        for (var i = 0; i < 25; i++)
            alarms.Add(await _host.RaiseAsync($"{i}"));
        var link = _host.Tell("wang", alarms);
        Assert.Equal(20, (await _host.LookAsync(link)).Page.Split("<section").Length - 1);
        Assert.Contains("另外5处", (await _host.LookAsync(link)).Page, StringComparison.Ordinal);
        Assert.Equal(5, (await _host.LookAsync(link, "?from=20")).Page.Split("<section").Length - 1);
        Assert.Equal(HttpStatusCode.OK, (await _host.LookAsync(link, "?from=-1x")).Status);
    }

    [Fact]
    public async Task It_speaks_the_persons_language_and_a_drill_says_so_first()
    {
        var (link, _) = _host.Tell("li", true, await _host.RaiseAsync());
        var page = (await _host.LookAsync(link)).Page;
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Contains("<body><main><p class=\"drill\"><b>【演练】", page, StringComparison.Ordinal);
        Assert.Contains("<title>【演练】", page, StringComparison.Ordinal);
        Assert.Contains("LIFE: Underpass flooded", page, StringComparison.Ordinal);
        Assert.Contains("Accept: I am going", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_groups_link_is_for_looking_only()
    {
        var link = _host.Tell("group", await _host.RaiseAsync());
        var (status, page, _) = await _host.LookAsync(link);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("此链接只供查看", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_is_kept_by_nobody_and_lets_nothing_in()
    {
        var link = _host.Tell("wang", await _host.RaiseAsync());
        var headers = (await _host.LookAsync(link)).Answer.Headers;
        Assert.Equal("no-store", headers.CacheControl?.ToString());
        Assert.Equal("no-referrer", Assert.Single(headers.GetValues("Referrer-Policy")));
        var policy = Assert.Single(headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_none_is_counted_and_says_so()
    {
        var (status, page, _) = await _host.LookAsync("AAAAAAAAAAA");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("没有这样的链接", page, StringComparison.Ordinal);
        Assert.Contains("There is no such link", page, StringComparison.Ordinal);
        Assert.Equal(1, _host.Api.Logins.Counts[("link", "unknown_link")]);
    }

    [Fact]
    public async Task With_users_it_needs_no_login_and_nothing_else_takes_a_form()
    {
        using var credentials = new Credentials();
        credentials.WriteUsers(Credentials.Line("li", "operator", Credentials.Token));
        await using var host = await CrewHost.StartAsync(security: credentials.Options());
        var link = host.Tell("wang", await host.RaiseAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await host.PressAsync(link, "accept")).Status);

        var (status, body) = await host.Api.SendAsync(HttpMethod.Post, $"/api/v1/alarms/{Id}/accept", "by=x", "application/x-www-form-urlencoded", ("Authorization", "Bearer " + Credentials.Token));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "content_type"), (status, body.Text("reason")));
    }

    [Fact]
    public async Task Without_an_address_for_the_outside_there_is_no_page()
    {
        await using var host = await CrewHost.StartAsync(new ChannelOptions());
        var link = host.Tell("wang", await host.RaiseAsync());
        var (status, page, _) = await host.LookAsync(link);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("Notify:PublicUrl", page, StringComparison.Ordinal);
    }
}
