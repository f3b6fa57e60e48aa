using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Faults;

/// <summary>Whom a fault file may name.</summary>
/// <param name="prefix">Before every id, beside the names in the file: a live scenario's.</param>
/// <param name="lasts">Milliseconds after which the stream ends; null for a stream that goes on.</param>
internal sealed class FaultCast(IReadOnlyList<Sender> senders, string prefix = "", long? lasts = null)
{
    private static readonly FamilySet Families = FamilySet.Shipped();

    public IReadOnlyList<Sender> Senders => senders;

    public string Prefix => prefix;

    public long? Lasts => lasts;

    public IReadOnlyList<string> Gateways { get; } = [.. senders.Select(sender => sender.Gateway).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>In order of their names.</summary>
    public IEnumerable<Family> FamiliesOf(FaultWho who) =>
        senders.Where(who.Fits).Select(sender => sender.Family).Distinct().Order(StringComparer.Ordinal).Select(Families.Find).OfType<Family>();

    /// <summary>For a section that names nobody: the nearest of what it could have named.</summary>
    public string HintFor(Section section)
    {
        foreach (var (key, known) in new (string, IEnumerable<string>)[]
        {
            ("device", senders.Select(sender => sender.Device[prefix.Length..])), ("gateway", Gateways.Select(gateway => gateway[prefix.Length..])), ("family", senders.Select(sender => sender.Family).Distinct()),
        })
        {
            if (section.Text(key) is { } name && NearestName.Hint(name.Value, known) is { Length: > 0 } hint)
                return $"'{name.Value}'{hint}";
        }
        return "an id, or its beginning with * behind it, would be right, and device, gateway and family together must leave somebody";
    }
}
