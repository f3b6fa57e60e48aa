using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    private const string OpenHoursSetting = "open_hours";

    /// <summary>What is being bound is asked of other devices: this one does not look at it.</summary>
    private bool _elsewhere;

    public List<PlaceCount> Counts { get; } = [];

    public List<Source> Neighbours { get; } = [];

    public List<string> WorkOrders { get; } = [];

    public bool AsksCalendar { get; private set; }

    public bool AsksOpenHours { get; private set; }

    private Bound? BindElsewhere(Node node, Function function, IReadOnlyList<Node> arguments)
    {
        if (_made.Count > 0)
            return Report<Bound>(node, $"'{Quote(node)}' stands in no other function: it changes without a reading, and nothing looks back on it; give the rule a delay");
        return function.Name switch
        {
            "count_in" => BindCountIn(arguments),
            "neighbour" => BindNeighbour(arguments[0]),
            "closed_hours" => BindClosedHours(node),
            "rain_forecast" => InCalendar(CalendarKind.RainForecast, null),
            _ => BindWorkOrder(arguments),
        };
    }

    private BoundNumber? BindCountIn(IReadOnlyList<Node> arguments)
    {
        if (SourceElsewhere(arguments[1]) is not { } source)
            return null;
        if (_quiet > 0)
            return new BoundNumber(_ => Num.Absent, Units.One);
        var count = scope.Counts.Get(((NameNode)arguments[0]).Name, source, arguments.Count > 2 ? Milliseconds(arguments[2]) : 0);
        if (!Counts.Contains(count))
            Counts.Add(count);
        return new BoundNumber(inputs => inputs.CountIn(count), Units.One);
    }

    private BoundCondition? BindNeighbour(Node argument)
    {
        if (SourceElsewhere(argument) is not { } source)
            return null;
        if (source.Group is { } group)
            return Report<BoundCondition>(argument, $"there is one '{Quote(argument)}' per {group}, and a neighbour has others; write neighbour(any({Quote(argument)}))");
        if (_quiet == 0 && !Neighbours.Contains(source))
            Neighbours.Add(source);
        return Condition(inputs => inputs.Neighbour(source));
    }

    /// <summary>The alarm of a rule or a condition, as other devices have it.</summary>
    private Source? SourceElsewhere(Node node)
    {
        var (group, frame) = (_group, _frame);
        // Whatever group its channels are of: each instance counts for itself.
        (_frame, _elsewhere) = (new Frame(), true);
        var source = node is NameNode { Name: var name } && IsRule(name) ? AlarmOf(node, name) : SourceOf(node);
        (_group, _frame, _elsewhere) = (group, frame, false);
        if (_quiet == 0)
            source?.AskElsewhere();
        return source;
    }

    private BoundCondition BindWorkOrder(IReadOnlyList<Node> arguments)
    {
        var kind = arguments.Count == 0 ? null : ((TextNode)arguments[0]).Text;
        if (kind is not null && _quiet == 0 && !WorkOrders.Contains(kind))
            WorkOrders.Add(kind);
        return InCalendar(CalendarKind.WorkOrder, kind);
    }

    private BoundCondition InCalendar(CalendarKind kind, string? name)
    {
        AsksCalendar |= _quiet == 0;
        return Condition(inputs => inputs.InCalendar(kind, name));
    }

    private BoundCondition? BindClosedHours(Node node)
    {
        if (scope.Settings.FirstOrDefault(setting => setting is { Name: OpenHoursSetting, IsHours: true }) is not { } hours)
            return Report<BoundCondition>(node, $"closed_hours needs the setting {OpenHoursSetting}: {{hours: true, default: 06:00-22:00, title: …}}");
        if (_quiet == 0 && !Settings.Contains(hours))
            Settings.Add(hours);
        AsksCalendar |= _quiet == 0;
        AsksOpenHours |= _quiet == 0;
        return Condition(inputs => inputs.ClosedHours(hours));
    }
}
