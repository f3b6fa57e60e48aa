using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>Traces of linked devices' channels, one for all devices of a family that link the same device: a gauge's rain of the last hour.</summary>
internal sealed class LinkTraces
{
    private readonly Dictionary<(string Linked, string Family, string Source), Trace> _traces = [];

    public Trace? Find(string linked, string family, Source source) => _traces.GetValueOrDefault((linked, family, source.Text));

    public Trace Get(string linked, string family, Source source)
    {
        var key = (linked, family, source.Text);
        if (!_traces.TryGetValue(key, out var trace))
            _traces[key] = trace = new Trace();
        return trace;
    }

    public void Set(string linked, string family, Source source, Trace trace) => _traces[(linked, family, source.Text)] = trace;

    /// <summary>Takes over what a family remembers of a linked device, with every reading in its place.</summary>
    public void TakeOver(LinkTraces rerun, string family)
    {
        foreach (var (key, trace) in rerun._traces.Where(known => known.Key.Family == family))
            _traces[key] = trace;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_traces.Count);
        foreach (var ((linked, family, source), trace) in _traces)
        {
            into.Write(linked);
            into.Write(family);
            into.Write(source);
            trace.Save(into);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            _traces[(from.ReadString(), from.ReadString(), from.ReadString())] = Trace.Load(from);
    }
}
