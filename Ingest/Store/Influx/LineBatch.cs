using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>Points as lines: one line holds what one reading says of one instance. docs/influx.md has the schema.</summary>
internal sealed class LineBatch(LineBuffer lines, FieldTable fields)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Milliseconds from which on a reading is late.</summary>
    private const long Late = 60_000;

    private readonly LineWriter _writer = lines.Writer;
    private readonly List<ChannelField> _reading = [];

    public void Add(IReadOnlyList<Point> points)
    {
        for (var first = 0; first < points.Count;)
        {
            var end = EndOfReading(points, first);
            for (var i = first; i < end; i++)
            {
                if (IsFirstOfInstance(i - first))
                    AddLine(points, first, end, _reading[i - first].Instance);
            }
            first = end;
        }
    }

    /// <summary>Finds the points of the same reading and their fields; a channel that comes again belongs to another.</summary>
    private int EndOfReading(IReadOnlyList<Point> points, int first)
    {
        _reading.Clear();
        var head = points[first];
        var i = first;
        for (; i < points.Count; i++)
        {
            var point = points[i];
            if (i > first && (point.Origin.Position != head.Origin.Position || point.Time != head.Time || point.Device != head.Device
                || point.Family != head.Family || point.Sequence != head.Sequence || point.ReceivedTime != head.ReceivedTime))
                break;
            var field = fields.Of(point.Family, point.Channel);
            if (_reading.Contains(field))
                break;
            _reading.Add(field);
        }
        return i;
    }

    private bool IsFirstOfInstance(int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (_reading[i].Instance == _reading[index].Instance)
                return false;
        }
        return true;
    }

    private void AddLine(IReadOnlyList<Point> points, int first, int end, int instance)
    {
        var head = points[first];
        _writer.Name(head.Family);
        // In the order of the keys, which is cheapest for the server.
        _writer.Tag(",device="u8, head.Device);
        _writer.Tag(",district="u8, head.Origin.Place.District);
        _writer.Tag(",gateway="u8, head.Origin.Gateway);
        if (instance > 0)
        {
            _writer.Bytes(",instance="u8);
            _writer.Digits(instance);
        }
        _writer.Tag(",street="u8, head.Origin.Place.Street);
        _writer.Byte(' ');
        var content = 0UL;
        for (var i = first; i < end; i++)
        {
            var field = _reading[i - first];
            if (field.Instance != instance)
                continue;
            var point = points[i];
            content += ContentOf(point, field);
            Fields(point, field);
        }
        if (head.ReceivedTime - head.Time is >= Late and var late)
        {
            _writer.Bytes("late="u8);
            _writer.Integer(late / 1000);
            _writer.Byte(',');
        }
        _writer.Bytes("log_position="u8);
        _writer.Integer(head.Origin.Position);
        _writer.Bytes(",received="u8);
        _writer.Integer(head.ReceivedTime);
        if (head.Sequence is { } sequence)
        {
            _writer.Bytes(",seq="u8);
            _writer.Integer(sequence);
        }
        _writer.Byte(' ');
        _writer.Digits((head.Time * NanosecondsPerMillisecond) + OffsetOf(head, content));
        lines.EndLine();
    }

    private void Fields(in Point point, ChannelField field)
    {
        var bad = point.Quality == Quality.Bad;
        switch (point.Kind)
        {
            case ValueKind.State:
                var number = field.NumberOf(point.State!);
                Key(field, bad, "");
                _writer.Integer(number);
                _writer.Byte(',');
                if (number == ChannelField.UnknownState)
                {
                    Key(field, bad, ChannelField.NameSuffix);
                    _writer.Text(point.State!);
                    _writer.Byte(',');
                }
                break;
            case ValueKind.Boolean:
                Key(field, bad, "");
                _writer.Byte(point.Number != 0 ? 't' : 'f');
                _writer.Byte(',');
                break;
            case ValueKind.Number when double.IsFinite(point.Number):
                Key(field, bad, "");
                _writer.Float(point.Number);
                _writer.Byte(',');
                break;
        }
        if (point.Quality != Quality.Good || (point.Kind == ValueKind.Number && !double.IsFinite(point.Number)))
        {
            Key(field, bad: false, ChannelField.QualitySuffix);
            _writer.Integer((long)point.Quality);
            _writer.Byte(',');
        }
    }

    private void Key(ChannelField field, bool bad, string suffix)
    {
        _writer.Name(field.Name);
        if (bad)
            _writer.Name(ChannelField.BadSuffix);
        _writer.Name(suffix);
        _writer.Byte('=');
    }

    /// <summary>Under 1 ms, a pure function of the reading's key: what is written again meets its own point, and what differs another.</summary>
    private static long OffsetOf(in Point head, ulong content)
    {
        // Without time and sequence there is no key, and equal readings are different ones: only the log tells them apart.
        var number = head.Sequence ?? (head.Origin.SentTime is null ? head.Origin.Position : null);
        var offset = number is { } told ? told % NanosecondsPerMillisecond : (long)(Mixed((ulong)head.Origin.SentTime!, content) % NanosecondsPerMillisecond);
        return offset < 0 ? offset + NanosecondsPerMillisecond : offset;
    }

    private static ulong ContentOf(in Point point, ChannelField field)
    {
        var value = (ulong)BitConverter.DoubleToInt64Bits(point.Number);
        foreach (var c in point.State ?? "")
            value = (value ^ c) * 1099511628211UL;
        // Summed over the channels, so that their order does not matter; mixed before, so that two values can't change places.
        return Mixed(value, field.Hash);
    }

    private static ulong Mixed(ulong value, ulong with)
    {
        value = (value ^ with) * 0x9E3779B97F4A7C15UL;
        return value ^ (value >> 32);
    }
}
