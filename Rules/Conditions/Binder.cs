using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

/// <summary>A tree to closures: resolves names, checks types and units, and notes what the condition looks at.</summary>
internal sealed partial class Binder(ConditionScope scope)
{
    /// <summary>Words that use words can say very much in few characters.</summary>
    public const int MaxNodes = 20_000;

    private readonly List<ConditionError> _errors = [];
    private readonly Dictionary<string, SourceNode?> _sources = new(StringComparer.Ordinal);
    private readonly Stack<string> _words = new();
    private string _text = "";
    private int _nodes;
    private int _depth;

    /// <summary>Above 0 where something is only tried: what it names is checked, not looked at.</summary>
    private int _quiet;

    /// <summary>Above 0 where another part may end the whole: what holds for ever there ends nothing and is let be.</summary>
    private int _beside;

    public IReadOnlyList<ConditionError> Errors => _errors;

    public List<Channel> Channels { get; } = [];

    public List<Setting> Settings { get; } = [];

    public List<Source> Sources { get; } = [];

    public List<Comparison> Comparisons { get; } = [];

    /// <summary>The tree of a text, read once; null where it cannot be read, which is reported.</summary>
    public SourceNode? Read(string text)
    {
        if (_sources.TryGetValue(text, out var known))
            return known;
        var (tree, error) = Parser.Read(text);
        if (error is not null)
            Report(error);
        return _sources[text] = tree is null ? null : new SourceNode(0, text.Length, text, tree);
    }

    public BoundCondition? BindCondition(Node node)
    {
        var bound = Bind(node);
        if (bound is BoundNumber)
            return Report<BoundCondition>(node, $"'{Quote(node)}' is a number, not a condition; compare it with another");
        if (bound is BoundState state)
            return Report<BoundCondition>(node, $"'{Quote(node)}' is a state, not a condition; write {Quote(node)} == {state.States[0]} (its states: {List(state.States)})");
        return (BoundCondition?)bound;
    }

    public BoundNumber? BindNumber(Node node)
    {
        var bound = Bind(node);
        if (bound is BoundCondition)
            return Report<BoundNumber>(node, $"'{Quote(node)}' is true or false, not a number");
        if (bound is BoundState state)
            return Report<BoundNumber>(node, $"'{Quote(node)}' is a state, not a number; it compares by == and != with {List(state.States)}");
        return (BoundNumber?)bound;
    }

    private Bound? Bind(Node node)
    {
        if (node is SourceNode source)
            return BindSource(source);
        if (++_nodes > MaxNodes)
            return Report<Bound>(node, $"the words it uses make it larger than {MaxNodes} parts; say less in one condition");
        if (_depth == Parser.MaxDepth)
            return Report<Bound>(node, $"nested deeper than {Parser.MaxDepth}, its words included; say less in one condition");
        _depth++;
        var bound = node switch
        {
            NumberNode number => BoundNumber.Of(number.Value, number.Unit),
            NameNode name => BindName(name),
            LinkNode link => BindLink(link),
            CallNode call => BindCall(call),
            UnaryNode { Operator: TokenKind.Not } not => BindNot(not),
            UnaryNode minus => BindMinus(minus),
            ChainNode chain => BindChain(chain),
            BinaryNode { Operator: TokenKind.Plus or TokenKind.Minus } sum => BindSum(sum),
            BinaryNode { Operator: TokenKind.Times or TokenKind.Divide or TokenKind.Of } product => BindProduct(product),
            BinaryNode comparison => BindComparison(comparison),
            _ => Report<Bound>(node, $"a text stands only within a function, such as {Functions.Find("work_order")!.Usage}"),
        };
        _depth--;
        return bound;
    }

    private Bound? BindSource(SourceNode source)
    {
        var outer = _text;
        _text = source.Text;
        var bound = Bind(source.Root);
        _text = outer;
        return bound;
    }

    private Bound? BindName(NameNode node)
    {
        var name = node.Name;
        if (FindChannel(name) is { } channel)
            return BindChannel(node, channel);
        if (scope.Settings.FirstOrDefault(setting => setting.Name == name) is { } known)
            return BindSetting(node, known);
        if (scope.Words.TryGetValue(name, out var text))
            return BindWord(node, text);
        if (name is "true" or "false")
        {
            var truth = Logic.Of(name == "true");
            return new BoundCondition(_ => truth);
        }
        if (Functions.Find(name) is { } function)
            return function.Required == 0 ? BindFunction(node, function, []) : Report<Bound>(node, $"'{name}' needs its arguments: {function.Usage}");
        return Report<Bound>(node, UnknownName(name));
    }

    private Bound? BindChannel(Node node, Channel channel)
    {
        if (channel.Group is not null && !EnterGroup(node, channel.Group))
            return null;
        Look(channel);
        return channel.Type switch
        {
            ChannelType.Boolean => new BoundCondition(inputs => Logic.Of(inputs.Value(channel))),
            ChannelType.State => new BoundState(inputs => inputs.Value(channel), channel.States, channel),
            _ => UnitOf(node, channel.Name, channel.Unit) is { } unit ? new BoundNumber(new ChannelAlone(channel).Read, unit) { Channels = [channel] } : null,
        };
    }

    private Bound? BindSetting(Node node, Setting setting)
    {
        if (_quiet == 0 && !Settings.Contains(setting))
            Settings.Add(setting);
        if (setting.IsHours)
            return Report<Bound>(node, $"'{setting.Name}' is opening hours, no value; write closed_hours");
        if (setting.States is ["false", "true"])
            return new BoundCondition(inputs => Logic.Of(inputs.Setting(setting)));
        if (setting.States.Count > 0)
            return new BoundState(inputs => inputs.Setting(setting), setting.States, Channel: null);
        return UnitOf(node, setting.Name, setting.Unit) is { } unit ? new BoundNumber(inputs => inputs.Setting(setting), unit) : null;
    }

    private Bound? BindWord(NameNode node, string text)
    {
        if (_words.Contains(node.Name))
            return Report<Bound>(node, $"the word '{node.Name}' is explained by itself: {string.Join(" -> ", _words.Reverse().SkipWhile(word => word != node.Name).Append(node.Name))}");
        if (Read(text) is not { } source)
            return null;
        _words.Push(node.Name);
        var bound = BindSource(source);
        _words.Pop();
        return bound;
    }

    private Bound? BindLink(LinkNode node)
    {
        if (!scope.Links.TryGetValue(node.Role, out var channels))
            return Report<Bound>(node, $"unknown link '{node.Role}'{NearestName.Hint(node.Role, scope.Links.Keys)}{(scope.Links.Count == 0 ? "; this family links no other device" : "")}");
        if (channels.FirstOrDefault(channel => channel.Name == node.Channel) is not { } channel)
            return Report<Bound>(node, $"unknown channel '{node.Channel}' of the linked {node.Role}{NearestName.Hint(node.Channel, channels.Select(known => known.Name))}");
        return BindChannel(node, channel);
    }

    private void Look(Channel channel)
    {
        if (_quiet == 0 && !_elsewhere && !Channels.Contains(channel))
            Channels.Add(channel);
        // A source within an argument is made when the argument is tried.
        foreach (var made in _made)
            made.Channels.Add(channel);
    }

    private Channel? FindChannel(string name) => scope.Channels.FirstOrDefault(channel => channel.Name == name);

    private bool IsKnownName(string name) =>
        FindChannel(name) is not null || scope.Settings.Any(setting => setting.Name == name) || scope.Words.ContainsKey(name) || Functions.Find(name) is { Required: 0 };

    private Unit? UnitOf(Node node, string name, string? unit)
    {
        if (unit is null)
            return Units.One;
        return Units.TryFind(unit, out var known) ? known : Report<Unit>(node, $"'{name}' is in the unknown unit '{unit}'{NearestName.Hint(unit, Units.Names)}");
    }

    private string UnknownName(string name)
    {
        var nearest = NearestName.Of(name, [.. scope.Channels.Select(channel => channel.Name), .. scope.Settings.Select(setting => setting.Name), .. scope.Words.Keys,
            .. Functions.All.Where(function => function.Required == 0).Select(function => function.Name)]);
        if (nearest is null)
            return $"unknown name '{name}': it is no channel, setting or word of this family";
        var kind = FindChannel(nearest) is not null ? "channel" : scope.Settings.Any(setting => setting.Name == nearest) ? "setting" : scope.Words.ContainsKey(nearest) ? "word" : "name";
        return $"unknown {kind} '{name}'; did you mean '{nearest}'?";
    }

    private string Quote(Node node) => node is SourceNode source ? source.Text : _text[node.Start..node.End];

    private static string List(IEnumerable<string> names) => string.Join(", ", names);

    private T? Report<T>(Node at, string message)
        where T : class
    {
        Report(new ConditionError(at.Start + 1, message, at is SourceNode source ? source.Text : _text));
        return null;
    }

    private void Report(ConditionError error)
    {
        // A word that is used twice is wrong once.
        if (!_errors.Contains(error))
            _errors.Add(error);
    }
}
