using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Dashboards;

/// <param name="Value">In the channel's unit.</param>
/// <param name="Above">Abnormal above it; else below.</param>
internal sealed record Limit(double Value, bool Above, Severity Severity);

/// <summary>
/// From which value on a channel <em>alone</em> raises an alarm or a ticket of its family. What asks for more besides (a work order, a
/// second channel) is no limit of the channel: it would paint the ordinary red.
/// </summary>
internal sealed class ChannelLimits
{
    private static readonly string[] Averages = ["mean", "highest", "lowest", "last"];

    private readonly Family _family;
    private readonly ConditionScope _settings;
    private readonly Settings _values;
    private readonly List<(Channel Channel, Limit Limit)> _limits = [];
    private readonly List<(Channel Channel, int State, Severity Severity)> _states = [];

    /// <param name="device">Whose settings count; null for the family's defaults.</param>
    public ChannelLimits(Family family, Device? device = null)
    {
        _family = family;
        _values = new Settings(device is null ? [.. family.Settings.Select(setting => setting.Default ?? double.NaN)] : Fleet.SettingsOf(device, new FamilyPlan(family)));
        _settings = new ConditionScope { Channels = [], Settings = family.Settings };
        foreach (var step in family.Rules.Where(rule => rule.Place is null).SelectMany(rule => rule.Steps).Where(step => step.Kind != AlarmKind.Event && !step.Qualifies))
        {
            if (step.Condition is { } condition)
                Read(condition.Text, step.Kind == AlarmKind.Ticket ? Severity.Low : step.Severity);
        }
    }

    public IEnumerable<Limit> Of(Channel channel) => _limits.Where(each => each.Channel == channel).Select(each => each.Limit);

    /// <summary>The severity that this state (or 0 and 1 of a boolean) raises alone; null for none.</summary>
    public Severity? Of(Channel channel, int state) => _states.Where(each => each.Channel == channel && each.State == state).Select(each => (Severity?)each.Severity).Max();

    /// <summary>The colours of a channel's range, ascending.</summary>
    /// <param name="normal">Where nothing is raised.</param>
    public IReadOnlyList<Step> Steps(Channel channel, string normal)
    {
        var limits = Of(channel).ToList();
        var edges = limits.Select(limit => limit.Value).Distinct().Order().ToList();
        var steps = new List<Step>();
        for (var i = 0; i <= edges.Count; i++)
        {
            var inside = i == 0 ? double.NegativeInfinity : i == edges.Count ? double.PositiveInfinity : (edges[i - 1] + edges[i]) / 2;
            var worst = limits.Where(limit => limit.Above ? inside > limit.Value : inside < limit.Value).Select(limit => (Severity?)limit.Severity).Max();
            var colour = worst is { } severity ? Colours.Of(severity) : normal;
            if (steps.Count == 0 || steps[^1].Colour != colour)
                steps.Add(new Step(i == 0 ? null : edges[i - 1], colour));
        }
        return steps;
    }

    private void Read(string text, Severity severity) => Read(text, Parser.Read(text).Tree!, severity);

    /// <param name="text">That the node was read from.</param>
    private void Read(string text, Node node, Severity severity)
    {
        switch (node)
        {
            case ChainNode { Operator: TokenKind.Or } alternatives:
                foreach (var operand in alternatives.Operands)
                    Read(text, operand, severity);
                break;
            case NameNode name when _family.Words.TryGetValue(name.Name, out var word):
                Read(word, severity);
                break;
            case NameNode name when Channel(name) is { Type: ChannelType.Boolean } channel:
                _states.Add((channel, 1, severity));
                break;
            case UnaryNode { Operator: TokenKind.Not, Operand: NameNode name } when Channel(name) is { Type: ChannelType.Boolean } channel:
                _states.Add((channel, 0, severity));
                break;
            case BinaryNode { Operator: TokenKind.Equal or TokenKind.NotEqual, Left: NameNode left, Right: NameNode right } equality when Channel(left) is { Type: ChannelType.State } channel:
                foreach (var (state, index) in channel.States.Select((state, index) => (state, index)).Where(each => each.state == right.Name == (equality.Operator == TokenKind.Equal)))
                    _states.Add((channel, index, severity));
                break;
            case BinaryNode { Operator: TokenKind.Greater or TokenKind.GreaterOrEqual } above:
                Compare(text, above, isAbove: true, severity);
                break;
            case BinaryNode { Operator: TokenKind.Less or TokenKind.LessOrEqual } below:
                Compare(text, below, isAbove: false, severity);
                break;
        }
    }

    private void Compare(string text, BinaryNode comparison, bool isAbove, Severity severity)
    {
        var (left, right) = (Text(text, comparison.Left), Text(text, comparison.Right));
        if (Measured(left) is { } measured && Constant(right, measured) is { } limit)
            _limits.Add((measured.Channel, new Limit(limit, isAbove, severity)));
        else if (Measured(right) is { } flipped && Constant(left, flipped) is { } reversed)
            _limits.Add((flipped.Channel, new Limit(reversed, !isAbove, severity)));
    }

    /// <summary>The channel that stands there as such, averaged, or less a setting, which the limit then grows by.</summary>
    private (Channel Channel, string? Less)? Measured(string text) => Parser.Read(text).Tree switch
    {
        NameNode name when _family.Words.TryGetValue(name.Name, out var word) => Measured(word),
        NameNode name when Channel(name) is { } channel => (channel, null),
        CallNode call when Averages.Contains(call.Name) && call.Arguments[0] is NameNode name && Channel(name) is { } channel => (channel, null),
        BinaryNode { Operator: TokenKind.Minus, Left: NameNode name } difference when Channel(name) is { } channel => (channel, Text(text, difference.Right)),
        _ => null,
    };

    private double? Constant(string text, (Channel Channel, string? Less) measured)
    {
        var whole = measured.Less is { } less ? $"({text}) + ({less})" : text;
        var number = ConditionCompiler.CompileNumber(whole, _settings, measured.Channel.Unit).Number?.Invoke(_values);
        return number is { State: NumState.Known } known ? Math.Round(known.Value, 9) : null;
    }

    private Channel? Channel(NameNode name) => _family.Channels.FirstOrDefault(channel => channel.Name == name.Name);

    private static string Text(string text, Node node) => text[node.Start..node.End];

    /// <summary>A device that has said nothing.</summary>
    private sealed class Settings(double[] values) : ConditionInputs
    {
        public override Num Value(Channel channel) => Num.Absent;

        public override Num Setting(Setting setting) => double.IsNaN(values[setting.Index]) ? Num.Unknown : Num.Of(values[setting.Index]);

        public override Trace? Trace(Source source) => null;

        public override ReadOnlySpan<int> Instances(string group) => [];
    }
}
