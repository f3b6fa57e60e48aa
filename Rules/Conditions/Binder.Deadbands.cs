using System.Globalization;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    /// <summary>Reports what is wrong in the scope's deadbands, used or not.</summary>
    public void CheckDeadbands()
    {
        _quiet++;
        if (scope.Deadband is not null)
            CheckSign(scope.Deadband, BindDeadband(scope.Deadband));
        foreach (var (name, text) in scope.Deadbands)
        {
            if (FindChannel(name) is not { } channel)
                Report(new ConditionError(1, $"the deadband '{text}' is for the unknown channel '{name}'{NearestName.Hint(name, scope.Channels.Select(known => known.Name))}", text));
            else if (CheckSign(text, BindDeadband(text)) is { Unit: { } unit } && !(Units.TryFind(channel.Unit ?? "1", out var known) && known.Fits(unit)))
                Report(new ConditionError(1, $"the deadband '{text}' is in {unit.Text} and '{name}' in {channel.Unit ?? "no unit"}: give both in units of one kind", text));
        }
        _quiet--;
    }

    private BoundNumber? CheckSign(string text, BoundNumber? deadband)
    {
        if (deadband is { Constant: < 0 })
            Report(new ConditionError(1, $"the deadband '{text}' is below 0: the alarm would be over before it began; write how far back the value must go, such as {text.TrimStart().TrimStart('-').TrimStart()}", text));
        return deadband;
    }

    /// <summary>Reports a deadband that moves the end of the alarm to where the channel never comes. What the limit itself asks for is not judged.</summary>
    /// <param name="at">The limit, in the channel's unit.</param>
    /// <param name="held">The same while the alarm stands.</param>
    private void CheckEnd(Channel channel, TokenKind symbol, double at, double held)
    {
        var isHigh = held < at;
        if (_beside > 0 || held == at || (isHigh ? channel.PlausibleMin : channel.PlausibleMax) is not { } end || (isHigh ? at <= end : at >= end))
            return;
        // Whether the moved limit itself is outside the alarm: 'above' ends at it, 'at least' below it, and under a ! it is turned round.
        var endsAt = isHigh ? symbol is TokenKind.Greater or TokenKind.LessOrEqual : symbol is TokenKind.Less or TokenKind.GreaterOrEqual;
        if (isHigh ? held > end || (endsAt && held == end) : held < end || (endsAt && held == end))
            return;
        var text = scope.Deadbands.GetValueOrDefault(channel.Name) ?? scope.Deadband!;
        var unit = channel.Unit is null or "1" ? "" : " " + channel.Unit;
        Report(new ConditionError(1, string.Create(
            CultureInfo.InvariantCulture,
            $"the deadband '{text}' puts the end of the alarm at {held:0.######}{unit}, and '{channel.Name}' {(isHigh ? "begins" : "ends")} at {end}{unit}: it would never be over; write {(endsAt ? "" : "less than ")}{Math.Abs(at - end):0.######}{unit}{(endsAt ? " at most" : "")}"), text));
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
