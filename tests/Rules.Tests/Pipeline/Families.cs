namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>A family small enough to be read beside a timeline.</summary>
internal static class Families
{
    public const string Pump = """
        family: pump
        title: {en: Pump, zh: 泵}
        heartbeat: 24s
        lateness: 24h
        rationalised: {by: shipped default, on: null}
        channels:
          level: {unit: m, plausible: 0..12, instrument: 0..20, every: 10s, title: {en: Level, zh: 水位}}
          run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
          command.{pump}: {bool: true, every: 10s, title: {en: Command, zh: 指令}}
          cover: {states: [closed, open], on_change: any, title: {en: Cover, zh: 井盖}}
          temperature: {unit: Cel, plausible: -20..60, every: 10s, title: {en: Temperature, zh: 温度}}
        settings:
          high: {unit: m, default: 2.2, min: 0, max: 12, title: {en: High, zh: 高}}
        rules:
          level_high:
            title: {en: Level high, zh: 水位高}
            watch: level
            ladder:
              - {above: high, severity: high}
              - {name: overflow, above: high + 0.6 m, severity: critical, delay: {on: 10s, off: 120s}}
            deadband: 0.2 m
            delay: {on: 30s, off: 120s}
            unknown: alarm
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          not_started:
            each: pump
            title: {en: Not started, zh: 未启动}
            when: command && !run
            delay: {on: 20s, off: 0s}
            latched: true
            severity: high
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          cover_open:
            title: {en: Cover open, zh: 井盖打开}
            when: cover == open
            delay: {on: 10s, off: 60s}
            severity: critical
            consequence: life
            respond_in: 5m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          hot:
            kind: event
            title: {en: Hot, zh: 高温}
            when: temperature > 50 Cel
            severity: low
            source: engineering default
          offline:
            title: {en: Offline, zh: 离线}
            when: silent
            severity: medium
            consequence: damage
            respond_in: 30m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
        """;

    /// <summary>The same with rules over time.</summary>
    public static string PumpOverTime { get; } = Pump.ReplaceLineEndings("\n").Replace(
        "rules:\n",
        "links:\n  other:\n    title: {en: Another pump, zh: 另一台}\n    channels:\n      level: {unit: m, every: 10s, title: {en: Level, zh: 水位}}\nrules:\n",
        StringComparison.Ordinal) + "\n" + Tickets(
        null, "rising_fast: rate(level, 60s) > 0.6 m/min", "mean_high: mean(level, 60s) > 2 m", "long_open: held(cover == open, 20s)", "moved: changed(cover, 30s)",
        "unanswered!: alarm(cover_open) && !newer(level, cover_open)", "lately: any(alarm(not_started, 30s))", "frozen: stuck(temperature, 30s) || last(level) > 3 m",
        "swings: highest(level, 60s) - lowest(level, 60s) > 1 m", "much: total(level, 60s) > 10 m && reports(level, 60s) > 3", "then: sequence(cover == open, level > 2 m, 30s)",
        "linked: other.level > 2 m || increase(other.level, 60s) > 1 m || held(unknown(other.level), 40s)",
        "lost: unknown(level) && !changed(cover, 30s)") + Tickets("pump", "often: times(command && !run, 5m) >= 2");

    /// <summary>The same with a rule that looks at the next pump.</summary>
    public static string PumpBeside { get; } = PumpOverTime + Tickets(null, "beside: neighbour(level > 2 m)");

    /// <summary>The same with rules over other devices, their street and the calendar.</summary>
    public static string PumpInPlaces { get; } = PumpOverTime.Replace(
        "settings:\n", "settings:\n  open_hours: {hours: true, default: \"22:14-22:16\", title: {en: Hours, zh: 时间}}\n", StringComparison.Ordinal) + Tickets(
        null, "street_open: count_in(street, cover_open, 30s) >= 2", "street_wet!: count_in(street, level > 2 m) >= 2", "pumps_off: count_in(parent, not_started) >= 2",
        "crowd: level > 1 m && count_in(parent, level > 2 m, 20s) >= 2", "beside: neighbour(level > 2 m) || neighbour(alarm(offline))", "working: work_order(\"entry\") && level > 1 m",
        "foretold: rain_forecast && !closed_hours", "nested: held(rate(level, 60s) > 0.6 m/min, 5s)") + Tickets("pump", "all_off: count_in(parent, command && !run) >= 2");

    /// <summary>The same, whose level can't change faster.</summary>
    public static string WithMaxRate(string family, string rate) => family.Replace("  level: {unit: m, plausible", $"  level: {{unit: m, max_rate: {rate}, plausible", StringComparison.Ordinal);

    /// <summary>Tickets of a device with a channel of each kind. A rule is <c>name: condition</c>; <c>name!: condition</c> is latched.</summary>
    public static string Watch(params string[] rules)
    {
        var text = new System.Text.StringBuilder("""
            family: watch
            title: {en: Watch, zh: 监视}
            heartbeat: 12h
            rationalised: {by: shipped default, on: null}
            channels:
              level: {unit: m, plausible: 0..100, every: 10s, title: {en: Level, zh: 水位}}
              noisy: {unit: m, plausible: 0..100, every: 10s, on_change: 0.05, title: {en: Noisy level, zh: 水位}}
              slow: {unit: m, plausible: 0..100, every: 30m, title: {en: Slow level, zh: 水位}}
              starts: {unit: "1", counter: true, every: 10m, title: {en: Starts, zh: 启动次数}}
              flag: {bool: true, every: 10s, title: {en: Flag, zh: 标志}}
              mode: {states: [auto, manual], on_change: any, title: {en: Mode, zh: 方式}}
              wish: {states: [auto, manual], on_change: any, title: {en: Wish, zh: 指令}}
              run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
            rules:

            """);
        return text.Append(Tickets(null, rules)).ToString();
    }

    private static string Tickets(string? each, params string[] rules)
    {
        var text = new System.Text.StringBuilder();
        foreach (var rule in rules)
        {
            var (name, condition) = (rule[..rule.IndexOf(':', StringComparison.Ordinal)], rule[(rule.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"""
                  {name.TrimEnd('!')}:{(each is null ? "" : $"\n    each: {each}")}
                    kind: ticket
                    title: {"{en: X, zh: 某}"}
                    when: {condition}
                    latched: {(name.EndsWith('!') ? "true" : "false")}
                    action: {"{en: Look., zh: 查看。}"}
                    source: engineering default

                """);
        }
        return text.ToString();
    }
}
