using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>What the condition of a place's rule reads: counts, and settings as the family has them. One object for all places.</summary>
internal sealed class PlaceInputs : ConditionInputs
{
    public PlaceState Place { get; private set; } = null!;

    public void Point(PlaceState place, long at) => (Place, At, Holding) = (place, at, false);

    public override Num Value(Channel channel) => Num.Absent;

    public override Num Setting(Setting setting) => setting.Default is { } value ? Num.Of(value) : Num.Unknown;

    public override Trace? Trace(Source source) => null;

    public override ReadOnlySpan<int> Instances(string group) => [];

    public override Num CountIn(PlaceCount count) => Num.Of(Place.MembersOf(count).CountAt(At));
}
