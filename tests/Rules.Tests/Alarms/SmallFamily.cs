namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Rules with nothing in them but what the state machine asks of a rule: each holds while its channel is true.</summary>
internal static class SmallFamily
{
    public const string Name = "small";

    /// <param name="rules"><c>plain: high</c>; behind the severity any of <c>latched</c>, <c>on_site</c>, <c>hides=a,b</c>, <c>lifts=a</c>, <c>event</c>, <c>ticket</c>, <c>slow</c> (a minute's off-delay).</param>
    public static string Of(params string[] rules)
    {
        var names = rules.Select(rule => rule[..rule.IndexOf(':', StringComparison.Ordinal)]).ToList();
        var text = new System.Text.StringBuilder("family: small\ntitle: {en: Small, zh: 小}\nheartbeat: 12h\nrationalised: {by: shipped default, on: null}\nchannels:\n");
        foreach (var name in names)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  is_{name}: {{bool: true, on_change: any, title: {{en: X, zh: 某}}}}\n");
        text.Append("rules:\n");
        foreach (var rule in rules)
            Append(text, rule[..rule.IndexOf(':', StringComparison.Ordinal)], rule[(rule.IndexOf(':', StringComparison.Ordinal) + 2)..].Split(' '));
        return text.ToString();
    }

    private static void Append(System.Text.StringBuilder text, string name, string[] words)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  {name}:\n    title: {{en: Rule {name}, zh: 规则}}\n    when: is_{name}\n    source: engineering default\n    severity: {words[0]}\n");
        foreach (var word in words.Skip(1))
        {
            text.Append(word.Split('=') switch
            {
                ["latched"] => "    latched: true\n",
                ["on_site"] => "    reset: on site\n",
                ["event"] => "    kind: event\n",
                ["ticket"] => "    kind: ticket\n",
                ["slow"] => "    delay: {off: 60s}\n",
                ["hides", var hidden] => $"    suppresses: [{hidden.Replace(",", ", ", StringComparison.Ordinal)}]\n",
                ["lifts", var lifted] => $"    escalates: {lifted}\n",
                _ => throw new ArgumentException(word),
            });
        }
        if (!words.Contains("event"))
            text.Append("    consequence: life\n    respond_in: 10m\n    who: crew\n    action: {en: Phone the crew., zh: 致电班组。}\n");
    }
}
