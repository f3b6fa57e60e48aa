namespace Telemetry.Ingest.Notify;

/// <summary>A way to one person. Robots of group chats are no such way: see <see cref="Robot"/>.</summary>
public enum MessageChannel : byte
{
    Voice,
    Sms,
    Mail,

    /// <summary>Of whoever has subscribed on the page; falls through to the next where nobody has.</summary>
    Push,
}

public enum Language : byte
{
    Zh,
    En,
}

/// <summary>Whoever may be told. Phone and mail leave this record only towards the channel: no log and no answer of the API holds them.</summary>
/// <param name="Id">The key in the file, which rotas and routes name.</param>
/// <param name="Mentions">Ids at group chats, by the robot's kind, so that its copy mentions them.</param>
public sealed record Person(string Id, string Name, Language Language, string? Phone, string? Mail, IReadOnlyDictionary<string, string> Mentions)
{
    /// <summary>Whether the file says how.</summary>
    public bool Has(MessageChannel channel) => channel switch
    {
        MessageChannel.Voice or MessageChannel.Sms => Phone is not null,
        MessageChannel.Mail => Mail is not null,
        _ => true,
    };

    /// <summary>Those of the wanted ways that there are, in their order; where there is none of them, what else there is.</summary>
    public IReadOnlyList<MessageChannel> Ways(IReadOnlyList<MessageChannel> wanted)
    {
        List<MessageChannel> ways = [.. wanted.Where(Has)];
        return ways.Count > 0 ? ways : [.. new[] { MessageChannel.Sms, MessageChannel.Mail }.Where(Has)];
    }

    // A record prints all its members, and a log prints records.
    public override string ToString() => Id;
}

/// <summary>A group chat's robot: it gets copies, and is never the only one who is told.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
public sealed record Robot(string Name, string Kind)
{
    public static readonly IReadOnlyList<string> Kinds = ["dingtalk", "wecom", "feishu"];
}
