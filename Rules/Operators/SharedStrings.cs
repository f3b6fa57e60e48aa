namespace Telemetry.Rules.Operators;

/// <summary>Writes each text once, and its number where it comes again: a million devices share a few families, streets and gateways.</summary>
internal sealed class SharedStringWriter(BinaryWriter into)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public void Write(string? text)
    {
        if (text is null)
        {
            into.Write7BitEncodedInt(0);
            return;
        }
        if (_numbers.TryGetValue(text, out var number))
        {
            into.Write7BitEncodedInt(number);
            return;
        }
        _numbers[text] = number = _numbers.Count + 1;
        into.Write7BitEncodedInt(number);
        into.Write(text);
    }
}

/// <summary>Reads what <see cref="SharedStringWriter"/> wrote; equal texts are one object.</summary>
internal sealed class SharedStringReader(BinaryReader from)
{
    private readonly List<string> _texts = [];

    public string? Read()
    {
        var number = from.Read7BitEncodedInt();
        if (number == 0)
            return null;
        if (number == _texts.Count + 1)
            _texts.Add(from.ReadString());
        return (uint)number <= (uint)_texts.Count ? _texts[number - 1] : throw new InvalidDataException($"text {number} of the checkpoint comes before it was written");
    }
}
