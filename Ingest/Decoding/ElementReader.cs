using System.Text;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>One object of a message: its values, time, sequence number and qualities, in whatever order they come. Reused from one to the next.</summary>
internal sealed class ElementReader
{
    private readonly List<ChannelValue> _values = [];
    private readonly List<(string Reason, string What)> _refused = [];
    private ReadingTime _time;
    private long? _sequence;
    private bool _whole;

    /// <summary>What was refused of it so far, with the detail of each.</summary>
    public IReadOnlyList<(string Reason, string What)> Refused => _refused;

    public bool HasRefusals => _refused.Count > 0;

    public void Clear()
    {
        _values.Clear();
        _refused.Clear();
        _sequence = null;
        _whole = true;
    }

    /// <summary>Refuses the whole reading.</summary>
    public void Refuse(string reason, string what)
    {
        _refused.Add((reason, what));
        _whole = false;
    }

    /// <param name="json">On the object's start; on its end afterwards. Of members with one name the last counts, as in most JSON readers.</param>
    public void Read(ref Utf8JsonReader json, in ReadingTarget target)
    {
        _time = ReadingTime.None(target.Received);
        // Copies of the reader are bookmarks, judged at the end: of two members with one name the last counts, and a quality may stand
        // before its value.
        var timeText = default(Utf8JsonReader);
        var sequenceText = default(Utf8JsonReader);
        var quality = default(Utf8JsonReader);
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("values"u8))
            {
                json.Read();
                ReadValues(ref json, target);
            }
            else if (json.ValueTextEquals("ts"u8))
            {
                json.Read();
                timeText = json;
            }
            else if (json.ValueTextEquals("seq"u8))
            {
                json.Read();
                sequenceText = json;
            }
            else if (json.ValueTextEquals("quality"u8))
            {
                json.Read();
                quality = json;
            }
            json.Skip();
        }

        if (timeText.TokenType != JsonTokenType.None && !ReadingTime.TryRead(ref timeText, target.Received, target.ClockAhead, out _time))
            Refuse(RejectReason.BadTime, $"ts {Text(timeText)}: expected {ReadingTime.Expected}");
        if (sequenceText.TokenType is not (JsonTokenType.None or JsonTokenType.Null))
            ReadSequence(sequenceText);
        if (quality.TokenType is not (JsonTokenType.None or JsonTokenType.Null))
            ReadQualities(quality);
        if (_values.Count == 0 && _whole && _refused.Count == 0)
            Refuse(RejectReason.NoValues, "no values; expected \"values\": {channel: value, …} with at least one channel");
    }

    /// <summary>Null where nothing of it may be kept.</summary>
    public Reading? Build(in ReadingTarget target)
    {
        if (!_whole || _values.Count == 0)
            return null;
        var values = _values.ToArray();
        _time.Judge(values);
        return new Reading
        {
            Gateway = target.Gateway,
            Family = target.Family.Name,
            Device = target.Device,
            SentTime = _time.Sent,
            Sequence = _sequence,
            EventTime = _time.Event,
            Marks = _time.Marks,
            Values = values,
        };
    }

    private void ReadSequence(Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var sequence))
            _sequence = sequence;
        else
            _refused.Add((RejectReason.BadSequence, $"seq {Text(json)}: expected a whole number of 64 bits; the reading went on without it"));
    }

    private void ReadValues(ref Utf8JsonReader json, in ReadingTarget target)
    {
        _values.Clear();
        if (json.TokenType != JsonTokenType.StartObject)
            return;
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (++count == NativeDecoder.MaxValues + 1)
                Refuse(RejectReason.TooManyValues, $"more than {NativeDecoder.MaxValues} values in one reading");
            if (count <= NativeDecoder.MaxValues)
                ReadValue(ref json, target);
            json.Skip();
        }
    }

    private void ReadValue(ref Utf8JsonReader json, in ReadingTarget target)
    {
        var known = target.Channels.Find(json.ValueIsEscaped ? Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan);
        if (known is null)
        {
            _refused.Add((RejectReason.UnknownChannel, $"channel {Text(json)}: not in family {target.Family.Name}, which has {string.Join(", ", target.Family.Channels.Select(WireName))}"));
            return;
        }
        json.Read();
        if (ValueReader.TryRead(ref json, known, out var value))
            Set(value);
        else
            _refused.Add((RejectReason.WrongType, $"channel {known.Name}, value {Text(json)}: expected {ValueReader.Expected(known.Channel)}"));
    }

    private void ReadQualities(Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            _refused.Add((RejectReason.WrongType, $"quality {Text(json)}: expected an object of channel: good, uncertain, bad or stale; the values count as uncertain"));
            for (var i = 0; i < _values.Count; i++)
                _values[i] = WithQuality(_values[i], Quality.Uncertain);
            return;
        }
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var index = -1;
            for (var i = 0; i < _values.Count && index < 0; i++)
            {
                if (json.ValueTextEquals(_values[i].Channel))
                    index = i;
            }
            json.Read();
            if (index >= 0)
            {
                var quality = QualityOf(ref json);
                if (quality is null)
                    _refused.Add((RejectReason.WrongType, $"quality of channel {_values[index].Channel}, {Text(json)}: expected good, uncertain, bad or stale; the value counts as uncertain"));
                _values[index] = WithQuality(_values[index], quality ?? Quality.Uncertain);
            }
            json.Skip();
        }
    }

    private static Quality? QualityOf(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String)
            return null;
        if (json.ValueTextEquals("good"u8))
            return Quality.Good;
        if (json.ValueTextEquals("uncertain"u8))
            return Quality.Uncertain;
        if (json.ValueTextEquals("bad"u8))
            return Quality.Bad;
        return json.ValueTextEquals("stale"u8) ? Quality.Stale : null;
    }

    // Never better than it was: the sender may know less than the limits do, and the other way round.
    private static ChannelValue WithQuality(ChannelValue value, Quality quality) =>
        quality > value.Quality ? value with { Quality = quality } : value;

    private void Set(ChannelValue value)
    {
        for (var i = 0; i < _values.Count; i++)
        {
            if (!ReferenceEquals(_values[i].Channel, value.Channel))
                continue;
            _values[i] = value;
            return;
        }
        _values.Add(value);
    }

    private static string WireName(Rules.Families.Channel channel) => channel.Group is null ? channel.Name : $"{channel.Name}.{{{channel.Group}}}";

    /// <summary>The token as sent, for a person, cut at 60 characters.</summary>
    private static string Text(in Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.StartObject)
            return "{…}";
        if (json.TokenType is JsonTokenType.StartArray)
            return "[…]";
        var text = Encoding.UTF8.GetString(json.ValueSpan[..Math.Min(json.ValueSpan.Length, 240)]);
        text = text.Length > 60 ? string.Concat(text.AsSpan(0, 60), "…") : text;
        return json.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
    }
}
