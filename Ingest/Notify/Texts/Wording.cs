using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Texts;

/// <summary>The words of one language.</summary>
internal sealed record Wording
{
    public required Func<Title, string> Of { get; init; }

    /// <summary>By the rule's <c>consequence</c>: what a crew must know before anything else.</summary>
    public required IReadOnlyDictionary<string, string> Hazards { get; init; }

    /// <summary>P1 to P4 in words.</summary>
    public required IReadOnlyDictionary<Severity, string> Severities { get; init; }

    public required string Hazard { get; init; }

    public required string Where { get; init; }

    public required string Map { get; init; }

    public required string Since { get; init; }

    public required string Value { get; init; }

    public required string Limit { get; init; }

    public required string Action { get; init; }

    public required string Bring { get; init; }

    /// <summary>Null where the family files do not name the crew in this language.</summary>
    public string? Who { get; init; }

    public required string Level { get; init; }

    /// <summary>Behind the first of so many places.</summary>
    public required Func<int, string> More { get; init; }

    public required string Over { get; init; }

    public required string OverLatched { get; init; }

    public required string Amended { get; init; }

    public required string AmendedOver { get; init; }

    public required string Retracted { get; init; }

    public required string DrillEnded { get; init; }

    public required string Unwatched { get; init; }

    /// <summary><c>{0}</c> alarms, <c>{1}</c> tickets.</summary>
    public required string Digest { get; init; }

    public required string Ticket { get; init; }

    /// <summary>How one answers a short message where nothing reads replies; <c>{0}</c> is the code.</summary>
    public required string PhoneDesk { get; init; }

    /// <summary>How one answers a short message; <c>{0}</c> is the code.</summary>
    public required string Reply { get; init; }

    /// <summary>The same of several places, which one reply accepts.</summary>
    public required string ReplyAll { get; init; }

    /// <summary>How a call ends where nothing reads keys.</summary>
    public required string Answer { get; init; }

    public required string Press { get; init; }

    /// <summary>The same of several places, which one key accepts.</summary>
    public required string PressAll { get; init; }

    /// <summary>Before the address of the message's page.</summary>
    public required string Link { get; init; }

    /// <summary>How a call of a drill begins.</summary>
    public required string SpokenDrill { get; init; }

    /// <summary>Subject of a channel's test.</summary>
    public required string Proof { get; init; }

    /// <summary>Of a channel's test; <c>{0}</c> is its code.</summary>
    public required string ProofText { get; init; }

    /// <summary>The same where replies are read.</summary>
    public required string ProofReply { get; init; }

    /// <summary>The same in a call whose keys are read.</summary>
    public required string ProofPress { get; init; }

    /// <summary>How a call that is a test begins.</summary>
    public required string SpokenProof { get; init; }

    /// <summary>Subject of what asks for a second person's consent.</summary>
    public required string Second { get; init; }

    /// <summary><c>{0}</c> the code, <c>{1}</c> who asks, <c>{2}</c> what is to be hidden.</summary>
    public required string SecondText { get; init; }

    /// <summary>The same in a call.</summary>
    public required string SecondSpoken { get; init; }

    public required string Stop { get; init; }

    public required string Comma { get; init; }

    public required string Colon { get; init; }

    public static Wording For(Language language) => language == Language.En ? English : Chinese;

    private static readonly Wording Chinese = new()
    {
        Of = title => title.Zh,
        Hazards = new Dictionary<string, string> { ["life"] = "危及生命", ["road closed"] = "道路中断", ["damage"] = "设施受损", ["comfort"] = "影响使用" },
        Severities = new Dictionary<Severity, string> { [Severity.Critical] = "一级", [Severity.High] = "二级", [Severity.Medium] = "三级", [Severity.Low] = "四级" },
        Hazard = "危险：",
        Where = "地点：",
        Map = "地图：",
        Since = "始于：",
        Value = "现值：",
        Limit = "限值",
        Action = "处置：",
        Bring = "携带：",
        Level = "级别：",
        More = places => $"等{places}处",
        Over = "已恢复",
        OverLatched = "已恢复，待现场复位",
        Amended = "迟到数据更正",
        AmendedOver = "已恢复（迟到数据更正）",
        Retracted = "迟到数据撤销",
        DrillEnded = "演练终止，此后均为真实报警",
        Unwatched = "已停止监测，是否恢复不明",
        Digest = "待办{0}条报警、{1}张工单",
        Ticket = "工单",
        PhoneDesk = "接单请回电值班室#{0}",
        Reply = "回1 {0}接单",
        ReplyAll = "回1 {0}全接",
        Answer = "接单请回电值班室。",
        Press = "接单请按1，不能去请按2。",
        PressAll = "各处全部接单请按1，不能去请按2。",
        Link = "接单：",
        SpokenDrill = "演练。",
        Proof = "通知渠道测试",
        ProofText = "通知渠道测试，无需出动。请告知值班室验证码：{0}",
        ProofReply = "通知渠道测试，无需出动。请回1 {0}确认收到",
        ProofPress = "通知渠道测试，无需出动。收到请按1。",
        SpokenProof = "测试。",
        Second = "请求同意搁置一级报警",
        SecondText = "同意码{0}（5分钟内有效）：{1}请求搁置{2}。同意才告知此码，不同意请致电值班室",
        SecondSpoken = "{1}请求搁置一级报警：{2}。同意请告知同意码：{0}。重复：{0}。五分钟内有效。",
        Stop = "。",
        Comma = "，",
        Colon = "：",
    };

    private static readonly Wording English = new()
    {
        Of = title => title.En,
        Hazards = new Dictionary<string, string> { ["life"] = "LIFE", ["road closed"] = "ROAD CLOSED", ["damage"] = "DAMAGE", ["comfort"] = "COMFORT" },
        Severities = new Dictionary<Severity, string> { [Severity.Critical] = "P1", [Severity.High] = "P2", [Severity.Medium] = "P3", [Severity.Low] = "P4" },
        Hazard = "Hazard: ",
        Where = "Where: ",
        Map = "Map: ",
        Since = "Since: ",
        Value = "Value: ",
        Limit = "limit",
        Action = "Do: ",
        Bring = "Bring: ",
        Who = "Who: ",
        Level = "Priority: ",
        More = places => $" +{places - 1} more",
        Over = "over",
        OverLatched = "over, to be reset on site",
        Amended = "amended by late data",
        AmendedOver = "over, as late data show",
        Retracted = "withdrawn by late data",
        DrillEnded = "the drill is over, what comes now is real",
        Unwatched = "no longer watched, it may still hold",
        Digest = "To do: {0} alarms, {1} tickets",
        Ticket = "ticket",
        PhoneDesk = "phone the desk to accept #{0}",
        Reply = "reply 1 {0} to accept",
        ReplyAll = "reply 1 {0} to accept all",
        Answer = "Phone the desk to accept.",
        Press = "Press 1 to accept, 2 if you cannot go.",
        PressAll = "Press 1 to accept all of them, 2 if you cannot go.",
        Link = "Answer: ",
        SpokenDrill = "This is a drill. ",
        Proof = "Channel test",
        ProofText = "Channel test, nobody has to go. Tell the desk the code {0}",
        ProofReply = "Channel test, nobody has to go. Reply 1 {0} to confirm",
        ProofPress = "Channel test, nobody has to go. Press 1 to confirm.",
        SpokenProof = "This is a test. ",
        Second = "Consent to hide a P1",
        SecondText = "Code {0}, 5 min: {1} asks to hide {2}. Say the code if you agree, else phone the desk",
        SecondSpoken = "{1} asks to hide a critical alarm: {2}. If you agree, say the code {0}. Again: {0}. It is good for five minutes.",
        Stop = ". ",
        Comma = ", ",
        Colon = ": ",
    };
}
