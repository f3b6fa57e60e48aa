using System.Text;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>Turns what was refused of one message into dead letters and counts.</summary>
/// <param name="received">Unix ms; what the message is decoded with.</param>
internal ref struct Refusals(ReadOnlySpan<byte> topic, long received, List<LogEntry> into, Stats stats)
{
    /// <summary>Bytes of a message that its dead letter keeps.</summary>
    public const int MaxKept = 64 << 10;

    /// <summary>Bytes of a topic that a dead letter keeps.</summary>
    public const int MaxTopic = 256;

    /// <summary>Ends the detail of a dead letter that keeps no bytes of its own.</summary>
    public const string BytesElsewhere = " (its bytes stand with the message's other dead letters)";

    // Of all dead letters of one message: ten thousand refused parts must not store its bytes ten thousand times. Any one of them decodes the
    // whole message again.
    private const int MaxKeptOfMessage = 16 * MaxKept;

    private readonly ReadOnlySpan<byte> _topic = topic;
    private string? _topicText;
    private List<string>? _counted;
    private RefusedParts? _gathered;
    private int _kept;

    public List<LogEntry> Into { get; } = into;

    /// <summary>Readings seen in the message so far.</summary>
    public int Elements { get; set; }

    public string Topic => _topicText ??= Encoding.UTF8.GetString(_topic[..Math.Min(_topic.Length, MaxTopic)]);

    public readonly int Mark() => Into.Count;

    /// <summary>Takes back everything since the mark: the message turned out to be unreadable.</summary>
    public void Undo(int mark)
    {
        Into.RemoveRange(mark, Into.Count - mark);
        (_counted, _gathered, _kept) = (null, null, 0);
    }

    /// <summary>Refuses the whole message, which counts as one reading.</summary>
    public DecodedMessage Whole(string? gateway, string reason, ReadOnlySpan<byte> payload, string detail)
    {
        stats.CountReceived(1);
        stats.CountRejected(reason);
        Add(reason, detail, payload);
        return new(gateway, GatewaySign.None);
    }

    /// <summary>One dead letter a reason, with the element's own bytes: they are a message of their own when decoded again.</summary>
    /// <param name="index">Within the array, from 0; -1 for a message that is one object.</param>
    public void Element(IReadOnlyList<(string Reason, string What)> refused, int index, ReadOnlySpan<byte> bytes)
    {
        Gather(refused, index < 0 ? "" : $"element {index}: ");
        AddGathered(bytes);
    }

    /// <summary>Keeps it for <see cref="AddGathered"/>: a thousand reports of one sender must not become a thousand letters of the same bytes.</summary>
    /// <param name="where">Begins the detail: which part of the message.</param>
    public void Gather(IReadOnlyList<(string Reason, string What)> refused, string where)
    {
        foreach (var (reason, what) in refused)
        {
            (_gathered ??= new RefusedParts()).Add(where, reason, what);
            (_counted ??= []).Add(reason);
        }
    }

    /// <summary>One dead letter for each part and reason that was gathered.</summary>
    /// <param name="bytes">From which all of them can be decoded again.</param>
    public void AddGathered(ReadOnlySpan<byte> bytes)
    {
        if (_gathered is null)
            return;
        foreach (var part in _gathered.All)
            Add(part.Reason, part.Detail, bytes);
        _gathered = null;
    }

    /// <summary>Counts what was gathered, once the message as a whole stands.</summary>
    public readonly void Count()
    {
        if (_counted is null)
            return;
        foreach (var reason in _counted)
            stats.CountRejected(reason);
    }

    private void Add(string reason, string detail, ReadOnlySpan<byte> payload)
    {
        var kept = Math.Min(payload.Length, MaxKept);
        if (_kept > 0 && _kept + kept > MaxKeptOfMessage)
            (kept, detail) = (0, detail + BytesElsewhere);
        _kept += kept;
        Into.Add(new DeadLetterEntry { Topic = Topic, Reason = reason, Detail = detail, Payload = payload[..kept].ToArray(), Received = received });
    }
}
