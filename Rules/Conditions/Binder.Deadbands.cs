using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    /// <summary>Reports what is wrong in the scope's deadbands, used or not.</summary>
    public void CheckDeadbands()
    {
        _quiet++;
        if (scope.Deadband is not null)
            BindDeadband(scope.Deadband);
        foreach (var (name, text) in scope.Deadbands)
        {
            if (FindChannel(name) is not { } channel)
                Report(new ConditionError(1, $"the deadband '{text}' is for the unknown channel '{name}'{NearestName.Hint(name, scope.Channels.Select(known => known.Name))}", text));
            else if (BindDeadband(text) is { Unit: { } unit } && !(Units.TryFind(channel.Unit ?? "1", out var known) && known.Fits(unit)))
                Report(new ConditionError(1, $"the deadband '{text}' is in {unit.Text} and '{name}' in {channel.Unit ?? "no unit"}: give both in units of one kind", text));
        }
        _quiet--;
    }

    /// <summary>The deadband of the first channel that has one of its own, else the general one; null where it does not fit <paramref name="unit"/>.</summary>
    private BoundNumber? DeadbandOf(IReadOnlyList<Channel> channels, Unit unit)
    {
        if (channels.Count == 0)
            return null;
        var own = channels.FirstOrDefault(channel => scope.Deadbands.ContainsKey(channel.Name));
        var text = own is null ? scope.Deadband : scope.Deadbands[own.Name];
        if (text is null || !Fits(text, unit))
            return null;
        return BindDeadband(text)?.In(unit);
    }

    /// <summary>Without looking at what it is made of: one that does not fit is not used.</summary>
    private bool Fits(string deadband, Unit unit)
    {
        _quiet++;
        var fits = BindDeadband(deadband) is { } bound && (bound.Unit is null || bound.Unit.Fits(unit));
        _quiet--;
        return fits;
    }

    private BoundNumber? BindDeadband(string text) => Read(text) is { } source ? BindNumber(source) : null;
}
