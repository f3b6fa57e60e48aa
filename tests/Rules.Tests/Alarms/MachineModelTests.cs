using CsCheck;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Random conditions and actions against a model that is a table of ISA-18.2's letters, written without a look at the machine.</summary>
public sealed class MachineModelTests
{
    private static readonly string Family = SmallFamily.Of("plain: high", "latch: high latched", "cause: medium hides=plain,latch");

    private static readonly string[] Actions = ["acknowledge", "reset", "shelve", "unshelve", "suppress", "unsuppress", "out-of-service", "return-to-service"];

    // From domain knowledge: what ISA-18.2 and the overlays allow, as one sees it from outside. A new occurrence beneath an overlay is A>G, A>H, A>I.
    private static readonly string[] Expected =
    [
        "A>B", "B>C", "B>D", "C>A", "D>A", "D>B", "B>E", "C>F", "E>F", "F>A", "E>B", "F>B", "B>G", "C>G", "D>G", "E>G", "F>G", "B>H", "C>H", "D>H", "E>H", "F>H", "B>I", "C>I", "D>I", "E>I", "F>I",
        "G>A", "G>B", "G>E", "H>A", "H>B", "H>E", "I>A", "I>B", "I>E", "G>H", "G>I", "H>G", "H>I", "I>H", "A>G", "A>H", "A>I",
    ];

    private static readonly string[] ExpectedRefusals =
    [
        "condition_active", "not_latched", "not_acknowledged", "illegal_transition", "shelved", "not_shelved", "not_suppressed", "suppressed_by_cause", "out_of_service", "not_out_of_service", "ended",
    ];

    [Fact]
    public void The_machine_is_the_model_s_in_every_transition_and_every_refusal()
    {
        var (seen, refusals) = (new HashSet<string>(), new HashSet<string>());
        var step = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 1], Gen.Int[1, 90]);
        step.Array[20, 80].Repeatably().Sample(
            steps =>
            {
                using var timeline = new Timeline(Family);
                var models = new Dictionary<string, Model> { ["plain"] = new(latches: false), ["latch"] = new(latches: true) };
                var told = new List<string>();
                var (now, cause) = (0.0, false);
                timeline.At(0).Reading("d", "is_plain=false is_latch=false is_cause=false", family: SmallFamily.Name);
                foreach (var (kind, which, wait) in steps)
                {
                    var rule = which == 0 ? "plain" : "latch";
                    string? refused = null, expected = null;
                    timeline.At(++now);
                    switch (kind)
                    {
                        case 0 or 1:
                            models[rule].Condition(kind == 0, cause);
                            timeline.Reading("d", $"is_{rule}={(kind == 0 ? "true" : "false")}", family: SmallFamily.Name);
                            break;
                        case 2:
                            cause = !cause;
                            timeline.Reading("d", $"is_cause={(cause ? "true" : "false")}", family: SmallFamily.Name);
                            foreach (var model in models.Values)
                                model.Cause(cause);
                            break;
                        case 3:
                            now += wait;
                            timeline.TicksTo(now);
                            foreach (var model in models.Values)
                                model.Time(now, cause);
                            break;
                        default:
                            if (timeline.Transitions.All(transition => transition.Alarm.Rule != rule))
                                continue;
                            var action = Actions[kind - 4];
                            expected = models[rule].Act(action, now + 60, cause);
                            timeline.Act(action, rule, reason: "why", until: action is "shelve" or "suppress" ? now + 60 : null, permit: "P-1", watch: "a guard");
                            refused = timeline.Refusal;
                            break;
                    }
                    Assert.Equal(expected, refused);
                    foreach (var (name, model) in models)
                    {
                        var alarm = timeline.Pipeline.OpenAlarms.SingleOrDefault(alarm => alarm.Rule == name);
                        Assert.Equal(model.Seen, Letter(alarm?.State ?? AlarmState.Normal));
                    }
                    if (refused is not null)
                        told.Add(refused);
                }
                var moves = timeline.Transitions.Where(transition => transition.Alarm.Rule != "cause").Select(transition => $"{Letter(transition.From)}>{Letter(transition.To)}").ToList();
                // A recurrence is told as the end of the old occurrence and the rise of the new one.
                foreach (var (first, second) in timeline.Transitions.Zip(timeline.Transitions.Skip(1)).Where(pair => pair.First.Cause == "recurred" && pair.First.To == AlarmState.Normal))
                    moves.Add($"{Letter(first.From)}>{Letter(second.To)}");
                lock (seen)
                {
                    seen.UnionWith(moves);
                    refusals.UnionWith(told);
                }
            },
            iter: 800);
        Assert.Empty(Expected.Except(seen));
        Assert.Empty(ExpectedRefusals.Except(refusals));
        // Nothing else happens but changes in which the letter stays, and a recurrence beneath an overlay.
        Assert.Empty(seen.Where(move => move[0] != move[2]).Except(Expected));
    }

    private static char Letter(AlarmState state) => "ABCDEFGHI"[(int)state];

    /// <summary>One alarm as the standard tells it: a letter beneath, an overlay above, and whether the cause holds.</summary>
    private sealed class Model(bool latches)
    {
        // Event by row, state by column A B C D E F; '.' is nothing, '!' a refusal that Refusals names.
        private static readonly Dictionary<string, string> Rows = new()
        {
            ["true"] = "B..BBB",
            ["false"] = ".DA...",
            ["false latched"] = ".EF...",
            ["false covered"] = ".AA...",
            ["acknowledge"] = ".C.AF.",
            ["reset"] = ".!!!!A",
            ["uncover"] = "ABBAEE",
        };

        private static readonly Dictionary<char, string> Refusals = new() { ['B'] = "condition_active", ['C'] = "condition_active", ['D'] = "not_latched", ['E'] = "not_acknowledged" };

        private char _beneath = 'A';
        private char _over = '.';
        private double _until;
        private bool _explained;

        public char Seen => _over != '.' ? _over : _explained && _beneath != 'A' ? 'H' : _beneath;

        public void Condition(bool holds, bool cause)
        {
            if (holds && _beneath is not ('B' or 'C'))
            {
                _beneath = 'B';
                _explained = cause;
            }
            else if (!holds)
                Step(latches ? "false latched" : Seen is 'G' or 'H' or 'I' ? "false covered" : "false");
            if (_beneath == 'A')
                _explained = false;
        }

        public void Cause(bool holds)
        {
            if (holds)
                _explained = _explained || _beneath is 'B' or 'C';
            else if (_explained)
            {
                _explained = false;
                if (_over == '.')
                    Step("uncover");
            }
        }

        public void Time(double now, bool cause)
        {
            if (_over is 'G' or 'H' && _until <= now)
                Uncover();
            Cause(cause);
        }

        public string? Act(string action, double until, bool cause)
        {
            var byCause = _over == '.' && Seen == 'H';
            switch (action)
            {
                case "acknowledge" or "reset":
                    if (Seen is 'G' or 'H' or 'I')
                        return "illegal_transition";
                    if (Rows[action]["ABCDEF".IndexOf(_beneath)] == '!')
                        return Refusals[_beneath];
                    Step(action);
                    return null;
                case "shelve":
                    return Seen == 'A' ? "ended" : _over == 'I' ? "out_of_service" : Cover('G', until);
                case "suppress":
                    return Seen == 'A' ? "ended" : _over == 'I' ? "out_of_service" : _over == 'G' ? "shelved" : byCause ? null : Cover('H', until);
                case "out-of-service":
                    return Seen == 'A' ? "ended" : Cover('I', double.MaxValue);
                case "unshelve":
                    return _over == 'G' ? Uncover(cause) : _over == 'I' || Seen == 'H' ? "not_shelved" : null;
                case "unsuppress":
                    return _over == 'H' ? Uncover(cause) : byCause ? "suppressed_by_cause" : _over is 'G' or 'I' ? "not_suppressed" : null;
                default:
                    return _over == 'I' ? Uncover(cause) : _over == 'G' || Seen == 'H' ? "not_out_of_service" : null;
            }
        }

        private string? Cover(char over, double until)
        {
            if (_over != over)
                (_over, _until) = (over, until);
            return null;
        }

        private string? Uncover(bool cause)
        {
            Uncover();
            Cause(cause);
            return null;
        }

        private void Uncover()
        {
            _over = '.';
            if (!_explained)
                Step("uncover");
        }

        private void Step(string row)
        {
            if (Rows[row]["ABCDEF".IndexOf(_beneath)] is not '.' and var to)
                _beneath = to;
        }
    }
}
