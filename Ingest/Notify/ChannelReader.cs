using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify;

/// <summary><c>channels:</c>, by severity, and the word for a list of them.</summary>
internal static class ChannelReader
{
    private const string DigestKey = "digest";

    public static readonly IReadOnlyDictionary<string, MessageChannel> Words = Enum.GetValues<MessageChannel>().ToDictionary(channel => channel.ToString().ToLowerInvariant());

    private static readonly Dictionary<Severity, IReadOnlyList<MessageChannel>> Defaults = new()
    {
        [Severity.Critical] = [MessageChannel.Voice, MessageChannel.Sms, MessageChannel.Mail],
        [Severity.High] = [MessageChannel.Sms, MessageChannel.Mail],
        [Severity.Medium] = [MessageChannel.Mail, MessageChannel.Sms],
        [Severity.Low] = [MessageChannel.Mail, MessageChannel.Sms],
    };

    /// <param name="Written">Severities, null for the digest, whose channels the file itself says: whoever it may reach must have them.</param>
    public sealed record ChannelLists(IReadOnlyDictionary<Severity, IReadOnlyList<MessageChannel>> BySeverity, IReadOnlyList<MessageChannel> Digest, IReadOnlyList<(Severity? Severity, YamlNode At)> Written);

    public static ChannelLists Read(Section root)
    {
        var bySeverity = new SortedDictionary<Severity, IReadOnlyList<MessageChannel>>(Defaults);
        IReadOnlyList<MessageChannel> digest = [MessageChannel.Mail, MessageChannel.Sms];
        var written = new List<(Severity?, YamlNode)>();
        if (root.Child("channels") is not { } section)
            return new(bySeverity, digest, written);
        foreach (var (word, severity) in Vocabulary.Severities)
        {
            if (List(section, word) is not { Count: > 0 } channels)
                continue;
            bySeverity[severity] = channels;
            written.Add((severity, section.Find(word)!));
            if (severity == Severity.Critical && !channels.Any(channel => channel is MessageChannel.Voice or MessageChannel.Sms))
                section.Fail(section.Find(word)!, word, "a critical alarm goes by voice or sms; what is only read wakes nobody");
            // A push service says yes long before a browser shows anything.
            else if (severity == Severity.Critical && channels[0] == MessageChannel.Push)
                section.Fail(section.Find(word)!, word, "a critical alarm goes by voice or sms before push: what a push service has taken counts as told");
        }
        if (List(section, DigestKey) is { Count: > 0 } own)
        {
            digest = own;
            written.Add((null, section.Find(DigestKey)!));
        }
        section.RefuseOthers();
        return new(bySeverity, digest, written);
    }

    /// <summary>Null where the key is missing.</summary>
    public static IReadOnlyList<MessageChannel>? List(Section section, string key)
    {
        if (section.Find(key) is null)
            return null;
        var channels = new List<MessageChannel>();
        foreach (var text in section.Texts(key))
        {
            if (Words.TryGetValue(text.Value, out var channel))
                channels.Add(channel);
            else if (Robot.Kinds.Contains(text.Value))
                section.Fail(text, key, $"'{text.Value}' is a group's robot, which gets a copy and is nobody's only way: name it under robots: and in the route's copy:");
            else
                section.Fail(text, key, $"'{text.Value}' is not one of {string.Join(", ", Words.Keys)}{NearestName.Hint(text.Value, Words.Keys)}");
        }
        return [.. channels.Distinct()];
    }
}
