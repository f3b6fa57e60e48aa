using Telemetry.Rules.Families;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Reading;

namespace Telemetry.Simulators.Tests.Physics;

public sealed class PhysicsReaderTests
{
    private static readonly FamilySet Families = FamilySet.Shipped();

    [Fact]
    public void Every_mistake_comes_at_once_with_file_line_and_what_would_be_right()
    {
        var errors = Errors(
            """
            family: manhole_cover
            share: 120 %
            id: cover-{numbr:4}
            every: often
            settings:
              well_dept: 3 m
              well_depth: 3 A
              road_class: {one_of: [carriageway, moon]}
            parameters:
              lift: 0 deg
              charge: {between: 100..60, source: "us"}
              idle: {is: 3, source: "us"}
              rain: {is: 3, source: "us"}
              kind: {chance: 3, source: "us"}
              state: {states: [a, b], source: "us"}
            values:
              tilt: {wander: 3, over: 1h}
              level: {follow: lvel, over: soon}
              tank: {adds: 1, from: 0}
              odd: {sings: 1}
              noise: 3 mm
              day: {profile: {"25:00": 1}}
              is_b: state is c
            report:
              tilt_angle: {is: "abs(tilt, 1)", decimals: 20}
              cover_state: {opn: lift > 3, else: normal}
              vibration_alarm: [1]
              wel_water_level: 1
            incidents:
              restored: {set: {lift: 1}}
              lifts: {takes: lift, of: 1..3, set: {lft: 1}}
              stays: {}
            opening:
              - {at: 1min, device: cover-0001, what: lifs}
            weather: fine
            """);

        Assert.Equal(
        [
            "p.yaml:2:8: share: '120 %': expected a share such as 5 %, or rest",
            "p.yaml:3:5: id: nothing is called {numbr} here; there are {number}, {row}, {member}; did you mean 'number'?",
            "p.yaml:4:8: every: 'often' is not a duration; write 30s, 10m (minutes), 12h or 7d, at most 36500d",
            "p.yaml:6:3: settings.well_dept: manhole_cover has no setting 'well_dept'; did you mean 'well_depth'?",
            "p.yaml:7:15: settings.well_depth: A is not convertible to m",
            "p.yaml:8:38: settings.road_class.one_of: 'moon' is not one of carriageway, school, footway, verge",
            "p.yaml:10:3: parameters.lift: where does the figure come from? Write source: beside it, or once for the file",
        ], errors.Take(7));
        foreach (var (line, says) in new[]
        {
            (11, "the lower end must be below the upper end"), (12, "nothing asks for it"), (13, "the name is taken"), (14, "expected 0 % to 100 %"),
            (17, "by is missing"), (18, "unknown name 'lvel'; did you mean 'level'?"), (18, "unknown name 'soon'"), (19, "per is missing"), (20, "what it does is missing"),
            (21, "a number of a formula has no unit; give 3 mm a name under parameters"), (22, "'25:00' is not a time of day"), (23, "'c' is not one of a, b"),
            (25, "write abs(x)"), (25, "'20': expected 0 to 6"), (26, "'opn' is not one of normal, open, loose, reset; did you mean 'open'?"), (27, "expected a formula, found a list"),
            (28, "manhole_cover has no channel 'wel_water_level'; did you mean 'well_water_level'?"), (30, "happen to every device or gateway; give it another name"),
            (31, "'lift' is a parameter"), (31, "no parameter 'lft'; did you mean 'lift'?"), (32, "set is missing"), (34, "'lifs' is not one of lifts, restored, stays; did you mean 'lifts'?"),
            (35, "unknown key 'weather'"),
        })
        {
            Assert.True(errors.Exists(error => error.StartsWith($"p.yaml:{line}:", StringComparison.Ordinal) && error.Contains(says, StringComparison.Ordinal)), $"{line} {says}\n{string.Join('\n', errors)}");
        }
    }

    [Theory]
    [InlineData("", "empty; a physics file begins with physics: NAME")]
    [InlineData("[a]", "expected family: NAME and what follows, found a list")]
    [InlineData("family: {", "not YAML")]
    [InlineData("family: gateway", "there is no family 'gateway' with channels")]
    [InlineData("family: manhole_cover", "report is missing; say what it sends, or which model does: model: gas, sump, toilet")]
    [InlineData("{family: manhole_cover, model: sumo}", "'sumo' is not one of gas, sump, toilet; did you mean 'sump'?")]
    public void What_is_no_physics_is_refused_with_a_reason(string text, string expected) =>
        Assert.Contains(expected, string.Join('\n', Errors(text)), StringComparison.Ordinal);

    [Fact]
    public void A_model_says_what_it_needs_and_in_which_unit()
    {
        var text = Shipped("gas_valve.yaml").Replace("  room:            {is: 25 m3,", "  rom:             {is: 25 m3,", StringComparison.Ordinal).Replace("leak:            0 m3/h", "leak:            0 L/h", StringComparison.Ordinal);
        var errors = Errors(text);

        Assert.Contains(errors, error => error.EndsWith("model: the model needs the parameter 'room'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.EndsWith("model: the model computes 'leak' in m3/h; write it in that", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.EndsWith("parameters.rom: nothing asks for it: no formula, no address, and not the model", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_is_not_shaped_by_its_file_is_refused() =>
        Assert.Contains(
            Errors(Shipped("drainage_pump.yaml").Replace("{is: 3, source", "{is: 2.5, source", StringComparison.Ordinal)),
            error => error.EndsWith("model: 'pumps' must be a whole number of 1 to 3", StringComparison.Ordinal));

    [Fact]
    public void The_example_of_the_page_is_physics_without_an_error()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "physics.md")).ReplaceLineEndings("\n");
        var example = page.Split("```yaml\n")[1].Split("```")[0];
        var (families, mistakes) = FamilySet.Load(
        [
            ("well.yaml", """
                family: well
                title: {en: Well, zh: 水井}
                heartbeat: 5min
                lateness: 24h
                rationalised: {by: this test, on: null}
                channels:
                  water_level: {unit: m, every: 60s, title: {en: Level, zh: 水位}}
                  pump_run: {bool: true, every: 60s, title: {en: Pump, zh: 水泵}}
                  pump_state: {states: [ok, dry], on_change: any, title: {en: State, zh: 状态}}
                settings:
                  depth: {unit: m, title: {en: Depth, zh: 井深}}
                rules:
                  offline: {kind: ticket, title: {en: No contact, zh: 离线}, when: silent, action: {en: "Send the crew.", zh: "派员。"}, source: this test}
                """),
        ]);
        Assert.Empty(mistakes);
        var result = PhysicsReader.Read("well.yaml", example, families!);

        Assert.Empty(result.Errors);
        var well = result.Physics!.Create(new Random(1), Devices.Around());
        well.Happen("well_clogs", 0, Devices.Around());
        // 25 m³/h more are pumped than come in, from 400 m² and at most 30 m of water.
        well.Advance(21 * 24 * 3600);
        Assert.Equal(("dry", 0.0), (well.Values()["pump_state"].State, well.Values()["pump_run"].Number));
    }

    [Fact]
    public void One_file_a_family_and_exactly_one_takes_the_rest()
    {
        var files = PhysicsSet.ShippedFiles().ToList();

        Assert.Contains("the family 'tunnel' has a physics file already", Load([.. files, ("second.yaml", Shipped("tunnel.yaml"))]), StringComparison.Ordinal);
        Assert.Contains("manhole_cover takes the rest of the city's devices already", Load([.. files.Select(file => (file.File, file.Text.Replace("share: 12 %", "share: rest", StringComparison.Ordinal)))]), StringComparison.Ordinal);
        Assert.Contains("no family takes what the others leave", Load([.. files.Where(file => file.File != "manhole_cover.yaml")]), StringComparison.Ordinal);
        Assert.Contains("leave nothing for the rest", Load([.. files.Select(file => (file.File, file.Text.Replace("share: 12 %", "share: 90 %", StringComparison.Ordinal)))]), StringComparison.Ordinal);
    }

    private static string Load(IReadOnlyList<(string File, string Text)> files) => string.Join('\n', PhysicsSet.Load(files, Families).Errors);

    private static string Shipped(string file) => PhysicsSet.ShippedFiles().Single(shipped => shipped.File == file).Text;

    private static List<string> Errors(string text) => [.. PhysicsReader.Read("p.yaml", text, Families).Errors.Select(error => error.ToString())];
}
