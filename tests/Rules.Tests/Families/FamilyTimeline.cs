using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Families;

/// <summary>What an engineer would tell of a shipped family: what happens at a device, and who is told when.</summary>
public abstract class FamilyTimeline(string family) : IDisposable
{
    private Timeline? _timeline;

    public string Family { get; } = family;

    internal Timeline Timeline => _timeline ?? Of();

    public void Dispose()
    {
        _timeline?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins anew, with one device <c>d</c>.</summary>
    /// <param name="settings"><c>high_level=2.4 rated_flow=3600</c>.</param>
    /// <param name="gauge">The register links a rain gauge <c>g</c>.</param>
    internal Timeline Of(string settings = "", string? model = null, bool gauge = false)
    {
        _timeline?.Dispose();
        string[] families = gauge ? [.. new[] { Family, "drainage_pump" }.Distinct()] : [Family];
        _timeline = new Timeline([.. families.Select(name => FamilySet.ShippedFiles().Single(file => file.File == name + ".yaml").Text)]);
        if (gauge)
            _timeline.At(0).Register(new Device { Id = "g", Family = "drainage_pump", Model = "rain_gauge", Gateway = "gw" });
        return Register("d", settings, model, gauge ? "g" : null);
    }

    internal Timeline Register(string device, string settings = "", string? model = null, string? gauge = null)
    {
        var pairs = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('='));
        return Timeline.Register(new Device
        {
            Id = device,
            Family = Family,
            Model = model,
            Gateway = "gw",
            Settings = pairs.ToDictionary(pair => pair[0], pair => pair[1]),
            Links = gauge is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["gauge"] = gauge },
        });
    }

    internal void At(double seconds, string values) => Timeline.At(seconds).Reading("d", values, family: Family);

    /// <summary>An item of the calendar for the device, entered at its beginning, seconds.</summary>
    internal void Plan(CalendarKind kind, string? name, int from, int to) =>
        Timeline.At(from).Add(new CalendarEntry(new CalendarItem("plan", kind, name, CalendarScope.Device, "d", Pipeline.Timeline.Zero + (from * 1000L), Pipeline.Timeline.Zero + (to * 1000L), "Li", null)));

    internal void Every(double from, double to, double every, Func<double, string> values)
    {
        for (var at = from; at <= to; at += every)
            At(at, values(at));
    }

    /// <summary>The gauge's counter, millimetres.</summary>
    internal void Rain(double seconds, double counter) => Timeline.At(seconds).Reading("g", Number("rainfall", counter), family: "drainage_pump");

    /// <summary>Transitions of one rule since the last look, without the device.</summary>
    internal string[] Told(string rule) => [.. Timeline.Look().Where(line => line.Split(' ')[2].Split('/')[0] == rule).Select(line => line.Replace(" d ", " ", StringComparison.Ordinal))];

    /// <summary>The device talks but a channel is lost: kind and blinded rules of the alarm <c>unknown</c>, raised ten seconds after.</summary>
    internal string Blind(string values, string settings = "")
    {
        Of(settings);
        At(0, values);
        Every(10, 20, 10, _ => string.Join(' ', values.Split(' ').Select(value => value + "!bad")));
        var raised = Timeline.Transitions.SingleOrDefault(transition => transition.Alarm.Rule == "unknown");
        if (raised is null)
            return "";
        Assert.Equal(20, (raised.At - Timeline.Zero) / 1000);
        return $"{raised.Alarm.Kind.ToString().ToLowerInvariant()}: {raised.Alarm.Detail}";
    }

    /// <summary>One reading at 0:00 and then none, for so long: what <c>offline</c> says one tick before, and at the limit.</summary>
    internal void Silence(string values, int seconds, string kindAndSeverity)
    {
        // Another device keeps the gateway up.
        Register("other");
        At(0, values);
        for (var at = 0; at < seconds; at += 20)
            Timeline.TicksTo(at).Reading("other", values, family: Family);
        Timeline.TicksTo(seconds - 1);
        Assert.DoesNotContain(Timeline.Transitions, transition => transition.Alarm.Rule == "offline" && transition.Alarm.Device == "d");
        Timeline.TicksTo(seconds + 1);
        var raised = Assert.Single(Timeline.Transitions, transition => transition.Alarm.Rule == "offline" && transition.Alarm.Device == "d");
        Assert.Equal(kindAndSeverity, raised.Alarm.Kind == AlarmKind.Alarm ? raised.Alarm.Severity.ToString() : raised.Alarm.Kind.ToString().ToLowerInvariant());
        Assert.InRange((raised.At - Timeline.Zero) / 1000.0, seconds - 0.5, seconds + 1);
        At(seconds + 2, values);
        Assert.Equal("cleared", Timeline.Transitions.Last(transition => transition.Alarm.Rule == "offline").Cause);
    }

    internal static string Number(string channel, double value) => FormattableString.Invariant($"{channel}={value}");
}

/// <summary>The rules of which a timeline tells, beside the table of rungs; with their family where several devices are told of.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ShowsAttribute(params string[] rules) : Attribute
{
    public IReadOnlyList<string> Rules { get; } = rules;
}
