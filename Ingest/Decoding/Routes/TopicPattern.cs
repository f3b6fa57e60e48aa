using System.Text;

namespace Telemetry.Ingest.Decoding.Routes;

/// <summary>An MQTT topic filter in which <c>{gateway}</c> and <c>{device}</c> stand for one level and say what it means: <c>application/+/device/{device}/event/up</c>.</summary>
internal sealed class TopicPattern
{
    private const string GatewayLevel = "{gateway}", DeviceLevel = "{device}";

    private readonly string[] _levels;

    private TopicPattern(string text, string[] levels) => (Text, _levels) = (text, levels);

    public string Text { get; }

    /// <summary>As a broker understands it: <c>+</c> for each name.</summary>
    public string Filter => string.Join('/', _levels.Select(level => IsOne(level) ? "+" : level));

    public bool NamesGateway => _levels.Contains(GatewayLevel);

    /// <summary>Null, and what would be right, for what is no pattern.</summary>
    public static TopicPattern? Parse(string text, out string expected)
    {
        expected = "an MQTT filter such as application/+/device/{device}/event/up, in which {gateway} and {device} stand for one level each, once";
        var levels = text.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i];
            if (level == "#" ? i < levels.Length - 1 : !IsOne(level) && level.AsSpan().ContainsAny("+#{}\0"))
                return null;
        }
        if (text.Length is 0 or > 256 || levels.Count(level => level == GatewayLevel) > 1 || levels.Count(level => level == DeviceLevel) > 1)
            return null;
        if (levels[0] is "telemetry" or "alarms" or "+" or "#" || levels[0].StartsWith('$') || IsOne(levels[0]))
        {
            expected = "a filter whose first level is a word other than telemetry and alarms, which are the native format's and the alarms' own, and without a $ before it";
            return null;
        }
        return new TopicPattern(text, levels);
    }

    /// <param name="topic">UTF-8.</param>
    public bool Matches(ReadOnlySpan<byte> topic, out string? gateway, out string? device)
    {
        (gateway, device) = (null, null);
        for (var i = 0; i < _levels.Length; i++)
        {
            if (_levels[i] == "#")
                return true;
            var slash = topic.IndexOf((byte)'/');
            var isLast = i == _levels.Length - 1;
            // "a/#" takes "a" as well.
            if (slash < 0 && !isLast && !(i == _levels.Length - 2 && _levels[^1] == "#"))
                return false;
            if (slash >= 0 && isLast)
                return false;
            var level = slash < 0 ? topic : topic[..slash];
            if (!Takes(_levels[i], level, ref gateway, ref device))
                return false;
            if (slash < 0)
                return true;
            topic = topic[(slash + 1)..];
        }
        return true;
    }

    /// <summary>Whether some topic fits both.</summary>
    public bool Overlaps(TopicPattern other)
    {
        for (var i = 0; ; i++)
        {
            var (mine, theirs) = (_levels.ElementAtOrDefault(i), other._levels.ElementAtOrDefault(i));
            if (mine == "#" || theirs == "#")
                return true;
            if (mine is null || theirs is null)
                return mine == theirs;
            if (mine != theirs && !IsOne(mine) && !IsOne(theirs))
                return false;
        }
    }

    private static bool IsOne(string level) => level is "+" or GatewayLevel or DeviceLevel;

    private static bool Takes(string pattern, ReadOnlySpan<byte> level, ref string? gateway, ref string? device)
    {
        if (pattern == GatewayLevel)
            gateway = Encoding.UTF8.GetString(level);
        else if (pattern == DeviceLevel)
            device = Encoding.UTF8.GetString(level);
        else if (pattern != "+")
            return Ascii.Equals(level, pattern) || (level.Length > 0 && Encoding.UTF8.GetString(level) == pattern);
        return true;
    }
}
