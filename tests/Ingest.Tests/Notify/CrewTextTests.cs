using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify;

public class CrewTextTests
{
    private static readonly NotifyFile File = Files.Right(
        Files.Small.Replace("{name: 李娜,", "{name: Li Na, language: en,", StringComparison.Ordinal) + "\nsignature: 南昌城管\nmap: \"https://map.example.cn/{latitude},{longitude}\"\n");

    private static readonly Rule Flood = Files.Families.Find("drainage_pump")!.Rules.Single(rule => rule.Name == "road_flood_close");

    private static readonly Device Underpass = new() { Id = "PS-01", Family = "drainage_pump", Address = "八一大道下穿", Latitude = 28.68, Longitude = 115.9 };

    private static readonly Alarm Alarm = new()
    {
        Id = new string('a', 32),
        Device = "PS-01",
        Family = "drainage_pump",
        District = "西湖区",
        Rule = "road_flood_close",
        Kind = AlarmKind.Alarm,
        Severity = Severity.Critical,
        State = AlarmState.ActiveUnacknowledged,
        RaisedAt = Files.At("2026-06-21 18:05"),
        RaisedReceivedAt = Files.At("2026-06-21 18:05"),
        Channel = "road_water_depth",
        Value = 0.271,
        Limit = 0.25,
        Unit = "m",
        RuleVersion = "0",
    };

    // Whatever someone may have typed into the register, or a device have sent.
    private static readonly Gen<string> Foreign = Gen.OneOf(
        Gen.String[Gen.Char, 0, 90],
        Files.AnyOf("=cmd|' /C calc'!A0", "+861", "-1", "@SUM(A1)", "a\r\nBcc: x@y", "a\u2028b\u2029c", "【银行】请付款", "\u202Egnorw", "🚨🚨", "\ud83d", "", " ", "八一大道 12 号"));

    private static readonly Gen<AnswerWays> Ways = Gen.Select(Files.AnyOf<string?>(null, "https://t.cn/go/23456789ABC", "https://ops.city-of-nanchang.cn/go/23456789ABC"), Gen.Bool, Gen.Bool, (link, bySms, byKey) => new AnswerWays(link, bySms, byKey));

    private static readonly string[] Labels = ["接单：", "Answer: ", "危险：", "地点：", "地图：", "始于：", "现值：", "级别：", "处置：", "携带：", "· ", "Hazard: ", "Where: ", "Map: ", "Since: ", "Value: ", "Priority: ", "Do: ", "Bring: ", "Who: "];

    [Fact]
    public void A_crew_reads_the_hazard_first_then_where_since_when_value_limit_and_what_to_do() => Assert.Equal(
        """
        【南昌城管】

        危险：危及生命：下穿通道积水
        地点：八一大道下穿 (PS-01)
        地图：https://map.example.cn/28.680000,115.900000
        始于：2026-06-21 18:05 (+08:00)
        现值：0.271 m (限值 0.25 m)
        级别：一级
        处置：派员封闭两侧；通知交警；查找被困车辆。恢复通行须由人员现场决定。
        携带：路障、锥桶、警示灯、救生衣、抛绳、探杆

        """.ReplaceLineEndings("\n"),
        Text("wang").Body);

    [Fact]
    public void In_English_who_goes_is_said_too()
    {
        var body = Text("li").Body;

        Assert.Contains("Hazard: LIFE: Underpass flooded\nWhere: 八一大道下穿 (PS-01)\n", body, StringComparison.Ordinal);
        Assert.Contains("Value: 0.271 m (limit 0.25 m)\nPriority: P1\nDo: Send the crew", body, StringComparison.Ordinal);
        Assert.EndsWith("\nWho: closing crew\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_message_is_signature_place_hazard_action_and_code() =>
        Assert.Equal("【南昌城管】八一大道下穿 危及生命：下穿通道积水，派员封闭两侧；通知交警；查找被困车辆。恢复通行须由人员现场决… 接单请回电值班室#4711", Text("wang").Sms("4711"));

    [Fact]
    public void A_short_message_says_how_to_reply_where_somebody_reads_replies()
    {
        Assert.EndsWith(" 回1 4711接单", Text("wang", new AnswerWays(BySms: true)).Sms("4711"), StringComparison.Ordinal);
        Assert.EndsWith(" 回1 4711全接", Text("wang", new AnswerWays(BySms: true), 2).Sms("4711"), StringComparison.Ordinal);
        Assert.EndsWith(" reply 1 4711 to accept", Text("li", new AnswerWays(BySms: true)).Sms("4711"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_never_cut_and_place_and_hazard_stand_before_it()
    {
        const string Link = "https://ops.city.example/go/23456789ABC";
        Assert.Equal($"【南昌城管】八一大道下穿 危及生命：下穿通道积水，派员封闭… {Link}", Text("wang", new AnswerWays(Link)).Sms("4711"));
        // Where both have no room, the link is what can be done more with.
        Assert.EndsWith(" " + Link, Text("wang", new AnswerWays(Link, BySms: true)).Sms("4711"), StringComparison.Ordinal);
        Assert.Equal("【南昌城管】八一大道下穿 危及生命：下穿通道积水，派员封闭两侧… https://t.cn/go/23456789ABC 回1 4711接单", Text("wang", new AnswerWays("https://t.cn/go/23456789ABC", BySms: true)).Sms("4711"));
        Assert.StartsWith($"【南昌城管】\n接单：{Link}\n\n危险：", Text("wang", new AnswerWays(Link)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_says_which_key_accepts_where_somebody_reads_keys_and_never_a_link()
    {
        Assert.EndsWith("接单请按1，不能去请按2。", Text("wang", new AnswerWays("https://t.cn/go/x", ByKey: true)).Voice, StringComparison.Ordinal);
        Assert.EndsWith("各处全部接单请按1，不能去请按2。", Text("wang", new AnswerWays(ByKey: true), 2).Voice, StringComparison.Ordinal);
        Assert.EndsWith("接单请回电值班室。", Text("wang", new AnswerWays("https://t.cn/go/x", BySms: true)).Voice, StringComparison.Ordinal);
        Assert.DoesNotContain("http", Text("wang", new AnswerWays("https://t.cn/go/x", true, true)).Voice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_says_the_hazard_the_place_the_action_and_how_to_accept() =>
        Assert.Equal("南昌城管。危及生命：下穿通道积水，八一大道下穿。派员封闭两侧；通知交警；查找被困车辆。恢复通行须由人员现场决定。接单请回电值班室。", Text("wang").Voice);

    [Fact]
    public void Many_places_are_counted_where_they_are_not_all_named()
    {
        var places = Enumerable.Range(0, 7).Select(i => new Place(Alarm with { Device = $"PS-0{i}", District = null }, "t", PlaceNews.Stands, 0)).ToList();
        var text = new CrewText(File, Message("wang", MessageKind.Call, places), place => new PlaceFacts(Flood, null));

        Assert.Contains("等7处", text.Subject, StringComparison.Ordinal);
        Assert.Contains("等7处", text.Sms("1"), StringComparison.Ordinal);
        Assert.Equal(5, text.Voice.Split("PS-0").Length - 1);
        Assert.Equal(7, text.Body.Split("地点：").Length - 1);
    }

    [Fact]
    public void A_drill_says_so_first_everywhere()
    {
        var text = new CrewText(File, Message("wang", MessageKind.Call, [Standing(Alarm)]) with { Drill = true }, _ => new PlaceFacts(Flood, Underpass));

        Assert.All(new[] { text.Subject, text.Body, text.Sms("1") }, each => Assert.StartsWith("【演练】【南昌城管】", each, StringComparison.Ordinal));
        Assert.StartsWith("演练。", text.Voice, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_and_latched_before_its_call_went_says_so_and_asks_still()
    {
        var latched = new Place(Alarm with { State = AlarmState.LatchedUnacknowledged, Latches = true }, "t", PlaceNews.Stands, 0);
        var text = new CrewText(File, Message("wang", MessageKind.Call, [latched]), _ => new PlaceFacts(Flood, Underpass));

        Assert.StartsWith("【南昌城管】八一大道下穿 危及生命：下穿通道积水 已恢复，待现场复位，派员", text.Sms("4711"), StringComparison.Ordinal);
        Assert.Contains("处置：派员", text.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_over_asks_for_nothing()
    {
        var over = new Place(Alarm with { State = AlarmState.ClearedUnacknowledged }, "t", PlaceNews.Over, 0);
        var latched = new Place(Alarm with { State = AlarmState.LatchedUnacknowledged, Latches = true }, "t", PlaceNews.Over, 0);
        CrewText Of(Place place) => new(File, Message("wang", MessageKind.Quiet, [place]), _ => new PlaceFacts(Flood, Underpass));

        Assert.Equal("【南昌城管】八一大道下穿 下穿通道积水 已恢复", Of(over).Sms("4711"));
        Assert.Equal("【南昌城管】八一大道下穿 下穿通道积水 已恢复，待现场复位", Of(latched).Sms("4711"));
        Assert.DoesNotContain("处置：", Of(over).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_watches_any_more_is_no_all_clear()
    {
        var text = new CrewText(File, Message("wang", MessageKind.Quiet, [new Place(Alarm with { State = AlarmState.Normal }, "t", PlaceNews.Unwatched, 0)]), _ => new PlaceFacts(Flood, Underpass));

        Assert.Equal("【南昌城管】八一大道下穿 下穿通道积水 已停止监测，是否恢复不明", text.Sms("4711"));
        Assert.Contains("处置：", text.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_is_a_list_with_its_counts()
    {
        var text = new CrewText(File, Message("wang", MessageKind.Digest, [Standing(Alarm), Standing(Alarm with { Kind = AlarmKind.Ticket })]), _ => new PlaceFacts(Flood, Underpass));

        Assert.Equal("【南昌城管】待办1条报警、1张工单", text.Subject);
        Assert.Contains("级别：工单", text.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void No_foreign_text_breaks_a_line_a_header_or_a_signature() => Gen.Select(Foreign, Foreign, Foreign, Gen.Bool, Files.AnyOf(MessageKind.Call, MessageKind.Notice, MessageKind.Quiet, MessageKind.Digest), Ways).Repeatably().Sample(
        (address, detail, state, isEnglish, kind, ways) =>
        {
            var alarm = Alarm with { Street = address, Detail = detail, ValueState = state };
            var text = new CrewText(File, Message(isEnglish ? "li" : "wang", kind, [Standing(alarm)]), _ => new PlaceFacts(Flood, Underpass with { Address = address }), ways);
            if (ways.Link is { } link && kind != MessageKind.Quiet)
                Assert.Contains(" " + link, text.Sms("4711"), StringComparison.Ordinal);
            foreach (var line in new[] { text.Subject, text.Sms("4711"), text.Voice })
            {
                Assert.Equal(SafeText.Line(line.Replace('【', '[').Replace('】', ']')), line.Replace('【', '[').Replace('】', ']'));
                Assert.True(line.Count(c => c == '【') == (ReferenceEquals(line, text.Voice) ? 0 : 1) || !line.Contains('【', StringComparison.Ordinal));
            }
            Assert.StartsWith("【南昌城管】", text.Subject, StringComparison.Ordinal);
            Assert.InRange(text.Sms("4711").Length, 1, CrewText.MaxSms);
            Assert.InRange(text.Subject.Length, 1, 120);
            // No line of a body begins with what somebody else has written: not a formula, not a header.
            Assert.All(
                text.Body.Split('\n').Skip(1).Where(line => line.Length > 0),
                line => Assert.True(Labels.Any(label => line.StartsWith(label, StringComparison.Ordinal)) || line.StartsWith("待办", StringComparison.Ordinal) || line.StartsWith("To do:", StringComparison.Ordinal), line));
            Assert.Equal(1, text.Body.Count(c => c == '【'));
        });

    [Theory]
    [InlineData("🚨🚨🚨", 4, "🚨…")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcd", 0, "")]
    public void What_is_cut_keeps_its_characters_whole(string text, int most, string expected) => Assert.Equal(expected, SafeText.Cut(text, most));

    private static CrewText Text(string recipient, AnswerWays? ways = null, int places = 1) =>
        new(File, Message(recipient, MessageKind.Call, [.. Enumerable.Repeat(Standing(Alarm), places)]), _ => new PlaceFacts(Flood, Underpass), ways);

    private static Place Standing(Alarm alarm) => new(alarm, "t", PlaceNews.Stands, 0);

    private static Message Message(string recipient, MessageKind kind, IReadOnlyList<Place> places) => new("k", recipient, false, kind, false, [MessageChannel.Sms], places, 0);
}
