namespace Telemetry.Ingest.Decoding.Senml;

/// <summary>A field of a record, numbered as in CBOR (RFC 8428, table 6).</summary>
internal enum SenmlField : sbyte
{
    BaseSum = -6,
    BaseValue = -5,
    BaseUnit = -4,
    BaseTime = -3,
    BaseName = -2,
    BaseVersion = -1,
    Name = 0,
    Unit = 1,
    Value = 2,
    Text = 3,
    Flag = 4,
    Sum = 5,
    Time = 6,
    UpdateTime = 7,
    Data = 8,
}

/// <summary>What a field is called in a message.</summary>
/// <param name="Name">As in JSON: <c>bn</c>.</param>
internal readonly record struct SenmlLabel(string Name, SenmlField Field)
{
    private static readonly SenmlLabel[] All =
    [
        new("bs", SenmlField.BaseSum), new("bv", SenmlField.BaseValue), new("bu", SenmlField.BaseUnit), new("bt", SenmlField.BaseTime), new("bn", SenmlField.BaseName),
        new("bver", SenmlField.BaseVersion), new("n", SenmlField.Name), new("u", SenmlField.Unit), new("v", SenmlField.Value), new("vs", SenmlField.Text),
        new("vb", SenmlField.Flag), new("s", SenmlField.Sum), new("t", SenmlField.Time), new("ut", SenmlField.UpdateTime), new("vd", SenmlField.Data),
    ];

    /// <returns>Null for a field that may be passed over.</returns>
    /// <exception cref="MalformedMessageException">A field that nobody may pass over without knowing it: its name ends with an underscore.</exception>
    public static SenmlLabel? Find(string name)
    {
        foreach (var label in All)
        {
            if (label.Name == name)
                return label;
        }
        return name.EndsWith('_')
            ? throw new MalformedMessageException(RejectReason.Unsupported, $"field {name}: its name says that a reader must know it, and this one does not")
            : null;
    }

    /// <returns>Null for a field that may be passed over.</returns>
    public static SenmlLabel? Find(long number)
    {
        foreach (var label in All)
        {
            if ((long)label.Field == number)
                return label;
        }
        return null;
    }
}
