namespace Telemetry.Ingest.Decoding;

/// <summary>What was refused, by what it is part of and the reason, in the order in which each pair was first met.</summary>
internal sealed class RefusedParts
{
    // Enough to see what is wrong; the bytes hold the rest.
    private const int MaxNamed = 10;

    private readonly Dictionary<(string Where, string Reason), Part> _byKey = [];
    private readonly List<Part> _parts = [];

    public IReadOnlyList<Part> All => _parts;

    public void Add(string where, string reason, string what)
    {
        if (!_byKey.TryGetValue((where, reason), out var part))
        {
            part = new Part(where, reason);
            _byKey.Add((where, reason), part);
            _parts.Add(part);
        }
        part.Add(what);
    }

    /// <param name="where">Begins the detail.</param>
    internal sealed class Part(string where, string reason)
    {
        private readonly List<string> _named = [];
        private int _count;

        public string Reason { get; } = reason;

        /// <summary>The first ten different mistakes; of the others their number.</summary>
        public string Detail => where + string.Join("; ", _named) + (_count > _named.Count ? $"; and {_count - _named.Count} more" : "");

        public void Add(string what)
        {
            _count++;
            if (_named.Count < MaxNamed && !_named.Contains(what))
                _named.Add(what);
        }
    }
}
