namespace Telemetry.Dashboards.Tests.Generator;

/// <summary>A family that no C# knows, with one of each kind of channel and of limit.</summary>
internal static class OwnFamily
{
    public const string Text = """
        family: landfill
        title: {en: Landfill well, zh: 填埋场监测井}
        heartbeat: 5min
        rationalised: {by: shipped default, on: null}
        channels:
          leachate_level: {unit: m, plausible: 0..30, every: 5min, title: {en: Leachate level, zh: 渗滤液液位}}
          methane:        {unit: "%vol", plausible: 0..100, every: 5min, title: {en: Methane, zh: 甲烷}}
          conductivity:   {unit: "%", every: 5min, title: {en: Conductivity, zh: 电导}}
          flow.{pump}:    {unit: m3/h, every: 60s, title: {en: Flow, zh: 流量}}
          volume:         {unit: m3, counter: true, every: 5min, title: {en: Pumped, zh: 抽排量}}
          pump_run.{pump}: {bool: true, on_change: any, title: {en: Pump running, zh: 水泵运行}}
          lid_open:       {bool: true, on_change: any, normal: false, title: {en: Lid open, zh: 井盖打开}}
          mode:           {states: [auto, manual, broken], on_change: any, normal: auto, title: {en: Mode, zh: 方式}}
        settings:
          high_level: {unit: cm, default: 450, title: {en: High level, zh: 高液位}}
          zero:       {unit: m, default: 0.5, title: {en: Zero of the gauge, zh: 零点}}
          rated_flow: {unit: m3/h, title: {en: Rated flow, zh: 额定流量}}
        words:
          depth: leachate_level - zero
        rules:
          level:
            title: {en: Level, zh: 液位}
            watch: leachate_level
            ladder:
              - {above: high_level, severity: medium}
              - {above: 6 m, severity: critical}
            consequence: damage
            respond_in: 30min
            who: crew
            action: {en: "Send the crew.", zh: "派员。"}
            source: test
          deep:
            kind: ticket
            title: {en: Deep, zh: 深}
            when: depth > 3 m
            source: test
          gas:
            title: {en: Gas, zh: 气体}
            when: methane > 5 %vol or mode is broken or (methane > 1 %vol and lid_open)
            severity: high
            consequence: life
            respond_in: 5min
            who: crew
            action: {en: "Send the crew.", zh: "派员。"}
            source: test
          with_people:
            title: {en: People there, zh: 有人}
            when: work_order("entry") and leachate_level > 1 m
            severity: critical
            consequence: life
            respond_in: 5min
            who: crew
            action: {en: "Call them out.", zh: "撤离。"}
            source: test
          low:
            title: {en: Low, zh: 低}
            when: 10 % > mean(conductivity, 15min) or conductivity > 90 %
            severity: low
            consequence: comfort
            respond_in: 60min
            who: crew
            action: {en: "Send the crew.", zh: "派员。"}
            source: test
          starved:
            each: pump
            kind: ticket
            title: {en: Starved, zh: 缺水}
            when: flow < 20 % of rated_flow
            source: test
        """;
}
