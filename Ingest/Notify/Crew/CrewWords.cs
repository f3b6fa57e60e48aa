namespace Telemetry.Ingest.Notify.Crew;

/// <summary>The words of the crew's page and of what a reply is told, in one language; what a place is stands in <see cref="Texts.Wording"/>.</summary>
internal sealed record CrewWords
{
    /// <summary>Of HTML's <c>lang</c>.</summary>
    public required string Tag { get; init; }

    public required string Drill { get; init; }

    public required IReadOnlyDictionary<CrewStep, string> Buttons { get; init; }

    public required IReadOnlyDictionary<StepResult, string> Results { get; init; }

    public required string State { get; init; }

    public required string NobodyAccepted { get; init; }

    /// <summary><c>{0}</c> a name, <c>{1}</c> a time.</summary>
    public required string Accepted { get; init; }

    public required string OnSite { get; init; }

    public required string Done { get; init; }

    public required string Declined { get; init; }

    public required string FalseAlarm { get; init; }

    public required string Ended { get; init; }

    public required string Shelved { get; init; }

    public required string Suppressed { get; init; }

    public required string OutOfService { get; init; }

    public required string FalseAlarmAsk { get; init; }

    public required string Reason { get; init; }

    public required string Map { get; init; }

    /// <summary><c>{0}</c> places.</summary>
    public required string Places { get; init; }

    /// <summary><c>{0}</c> more places.</summary>
    public required string More { get; init; }

    public required string You { get; init; }

    /// <summary>A robot's link, or that of someone who has left the file.</summary>
    public required string ReadOnly { get; init; }

    public required string UnknownLink { get; init; }

    public required string BadToken { get; init; }

    public required string Reload { get; init; }

    /// <summary>A reply that was understood; <c>{0}</c> what was done, <c>{1}</c> at how many places.</summary>
    public required string Replied { get; init; }

    public required string NoSuchReply { get; init; }

    public required string NotUnderstood { get; init; }

    public required string WhichPlace { get; init; }

    public required string Repeated { get; init; }

    /// <summary>A reply to a test.</summary>
    public required string Proved { get; init; }

    public static CrewWords For(Language language) => language == Language.En ? English : Chinese;

    private static readonly CrewWords Chinese = new()
    {
        Tag = "zh-CN",
        Drill = "【演练】",
        Buttons = new Dictionary<CrewStep, string>
        {
            [CrewStep.Accept] = "接单，我去", [CrewStep.TakeOver] = "改由我去", [CrewStep.OnSite] = "我已到场", [CrewStep.Done] = "处理完毕", [CrewStep.Decline] = "我去不了", [CrewStep.FalseAlarm] = "报告误报",
        },
        Results = new Dictionary<StepResult, string>
        {
            [StepResult.Taken] = "已记录。",
            [StepResult.Already] = "此前已经如此，未重复记录。",
            [StepResult.Changed] = "打开页面后情况有变，未作记录。请看最新状态再按。",
            [StepResult.Ended] = "报警已结束，无需处理。",
            [StepResult.AcceptedByOther] = "已由他人接单，未作记录。",
            [StepResult.NotAccepted] = "尚未接单，请先接单。",
            [StepResult.ReasonMissing] = "请写明实际情况。",
            [StepResult.Refused] = "现在不能这样做，未作记录。请致电值班室。",
            [StepResult.Unavailable] = "暂时无法记录，请再试一次，或致电值班室。",
        },
        State = "状态：",
        NobodyAccepted = "尚无人接单",
        Accepted = "{0} {1} 接单",
        OnSite = "{0} 到场",
        Done = "{0} 处理完毕",
        Declined = "{0} 不能前往",
        FalseAlarm = "误报：{0}",
        Ended = "报警已结束",
        Shelved = "已搁置",
        Suppressed = "已抑制",
        OutOfService = "已停用",
        FalseAlarmAsk = "是误报？",
        Reason = "实际情况",
        Map = "在地图上打开",
        Places = "共{0}处，最严重的在前",
        More = "另外{0}处",
        You = "您：{0}",
        ReadOnly = "此链接只供查看。接单请用发给您本人的链接，或致电值班室。",
        UnknownLink = "没有这样的链接。请核对短信中的地址，或致电值班室。",
        BadToken = "无法识别此操作，未作记录。请重新打开链接再按。",
        Reload = "看最新状态",
        Replied = "{0}：已记录，{1}处。",
        NoSuchReply = "没有发给此号码、带此四位数字的短信。请核对，或致电值班室。",
        NotUnderstood = "看不懂。请回复数字和短信中的四位数字，如“1 4711”：1接单，2去不了，3误报，4到场，5完毕。",
        WhichPlace = "该短信有多处，不知是哪一处，未作记录。请用短信中的链接，或致电值班室。",
        Repeated = "此回复已收到过，未重复记录。",
        Proved = "测试已确认，谢谢。",
    };

    private static readonly CrewWords English = new()
    {
        Tag = "en",
        Drill = "【演练】DRILL ",
        Buttons = new Dictionary<CrewStep, string>
        {
            [CrewStep.Accept] = "Accept: I am going", [CrewStep.TakeOver] = "I go instead", [CrewStep.OnSite] = "I am on site", [CrewStep.Done] = "Work is done", [CrewStep.Decline] = "I cannot go",
            [CrewStep.FalseAlarm] = "Report a false alarm",
        },
        Results = new Dictionary<StepResult, string>
        {
            [StepResult.Taken] = "Recorded.",
            [StepResult.Already] = "It was so already; nothing was recorded twice.",
            [StepResult.Changed] = "Something has changed since this page was opened; nothing was recorded. Look at the state below, then press again.",
            [StepResult.Ended] = "The alarm has ended; there is nothing to do.",
            [StepResult.AcceptedByOther] = "Somebody else has accepted it; nothing was recorded.",
            [StepResult.NotAccepted] = "It is not accepted yet; accept it first.",
            [StepResult.ReasonMissing] = "Say what it was instead.",
            [StepResult.Refused] = "This is not possible now; nothing was recorded. Phone the desk.",
            [StepResult.Unavailable] = "It can't be recorded for now; try again, or phone the desk.",
        },
        State = "State: ",
        NobodyAccepted = "nobody has accepted yet",
        Accepted = "accepted by {0} {1}",
        OnSite = "on site {0}",
        Done = "work done {0}",
        Declined = "{0} cannot go",
        FalseAlarm = "false alarm: {0}",
        Ended = "the alarm is over",
        Shelved = "shelved",
        Suppressed = "suppressed",
        OutOfService = "out of service",
        FalseAlarmAsk = "A false alarm?",
        Reason = "What was it instead?",
        Map = "Open the map",
        Places = "{0} places, the worst first",
        More = "{0} more places",
        You = "You: {0}",
        ReadOnly = "This link is for looking only. To accept, use the link that was sent to you yourself, or phone the desk.",
        UnknownLink = "There is no such link. Compare it with the message, or phone the desk.",
        BadToken = "This step can't be recognised; nothing was recorded. Open the link again, then press.",
        Reload = "Show the state now",
        Replied = "{0}: recorded at {1} place(s).",
        NoSuchReply = "There is no message with these four digits to this number. Compare it with the message, or phone the desk.",
        NotUnderstood = "Not understood. Reply a number and the message's four digits, such as \"1 4711\": 1 accept, 2 cannot go, 3 false alarm, 4 on site, 5 done.",
        WhichPlace = "That message is of several places, and which one is unknown; nothing was recorded. Use its link, or phone the desk.",
        Repeated = "This reply came before; nothing was recorded twice.",
        Proved = "The test is confirmed, thank you.",
    };
}
