using System.Globalization;
using System.Net;
using System.Text;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>The comparison as one page that needs nothing else: to mail, to print, to keep beside the rule change.</summary>
public static class BacktestPage
{
    private const int Most = 12;

    public static string Write(OutcomeComparison comparison, string was, string now, ReadingsAround readings)
    {
        var page = new StringBuilder();
        var all = Tally.Whole(comparison);
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Backtest {Words.Time(comparison.Span.From)}</title>
            <style>{Style}</style>
            <h1>Backtest <small>{Words.Time(comparison.Span.From)} – {Words.Time(comparison.Span.To)} (Asia/Shanghai)</small></h1>
            <p><b>Before</b> {Text(was)}, {Text(Words.Source(comparison))}<br><b>After</b> {Text(now)}<br>{comparison.Is.Readings:N0} readings played, warm-up included.</p>
            <div class="cards">{Card("added", all.Added)}{Card("removed", all.Removed)}{Card("earlier", all.Earlier)}{Card("later", all.Later)}{Card("other severity", all.Severity)}</div>

            """);
        WriteLoad(page, comparison);
        page.Append("<h2>Calls an hour</h2>").Append(Charts.CallsPerHour(comparison));
        if (!all.Differs)
            page.Append("<p class=\"same\">No occurrence differs.</p>");
        WriteTallies(page, "By rule", Tally.ByRule(comparison));
        WriteTallies(page, "By kind and severity", Tally.BySeverity(comparison));
        WriteTallies(page, "By district", Tally.ByDistrict(comparison));
        WriteHighlights(page, comparison, readings);
        return page.Append("</html>\n").ToString();
    }

    private static void WriteLoad(StringBuilder page, OutcomeComparison comparison)
    {
        page.Append("<h2>Operator load</h2><table><tr><th>position<th>alarms before<th>after<th>critical<th>after<th>high<th>after<th>minutes in flood<th>after<th>chattering<th>after<th>fleeting<th>after</tr>");
        foreach (var (was, now) in comparison.Was.Load.Where(load => load.Of == LoadOf.Position).Zip(comparison.Is.Load.Where(load => load.Of == LoadOf.Position)))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(now.Name)}");
            foreach (var (before, after) in new[] { (was.Alarms, now.Alarms), (was.Critical, now.Critical), (was.High, now.High), ((int)(was.FloodTime / 60_000), (int)(now.FloodTime / 60_000)), (was.Chattering, now.Chattering), (was.Fleeting, now.Fleeting) })
                page.Append(CultureInfo.InvariantCulture, $"<td class=n>{before}<td class=\"n {(after < before ? "less" : after > before ? "more" : "")}\">{after}");
        }
        page.Append("</table>\n");
    }

    private static void WriteTallies(StringBuilder page, string title, IEnumerable<Tally> tallies)
    {
        var changed = tallies.Where(tally => tally.Differs).ToList();
        if (changed.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2><table><tr><th>name<th>before<th>after<th>calls before<th>after<th>added<th>removed<th>earlier<th>later<th>severity<th>median shift</tr>");
        foreach (var tally in changed)
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(tally.Name)}<td class=n>{tally.Was}<td class=n>{tally.Is}<td class=n>{tally.CallsWas}<td class=n>{tally.CallsIs}<td class=n>{Some(tally.Added)}<td class=n>{Some(tally.Removed)}<td class=n>{Some(tally.Earlier)}<td class=n>{Some(tally.Later)}<td class=n>{Some(tally.Severity)}<td>{(tally.MedianShift is { } shift ? Words.Duration(shift) + (shift < 0 ? " earlier" : " later") : "")}");
        page.Append("</table>\n");
    }

    private static void WriteHighlights(StringBuilder page, OutcomeComparison comparison, ReadingsAround readings)
    {
        var first = Highlights.Of(comparison, Most);
        if (first.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"<h2>First to look at <small>{first.Count} of {comparison.Differences.Count}</small></h2>");
        foreach (var difference in first)
        {
            var alarm = difference.Of.Alarm;
            var title = TitleOf(comparison, alarm);
            page.Append(CultureInfo.InvariantCulture, $"<section><h3><span class=\"p {Words.Name(difference.Severity)}\">{Words.Name(difference.Severity)}</span> {Text(alarm.Device)} · {Text(title)} <small>{Text(alarm.Family)}/{Text(alarm.Rule)}{(alarm.Instance is null ? "" : "/" + Text(alarm.Instance))}{(alarm.District is null ? "" : " · " + Text(alarm.District))}</small></h3>");
            page.Append(CultureInfo.InvariantCulture, $"<p>{Words.Change(difference)}: before {(difference.Was is { } was ? Words.Time(was.RaisedAt) : "none")}, after {(difference.Is is { } now ? Words.Time(now.RaisedAt) : "none")}</p>");
            page.Append(Charts.Readings(difference, readings.Of(difference))).Append("</section>\n");
        }
    }

    private static string TitleOf(OutcomeComparison comparison, Alarm alarm)
    {
        var rule = comparison.Is.Families.Concat(comparison.Was.Families).Where(family => family.Name == alarm.Family).SelectMany(family => family.Rules).FirstOrDefault(rule => rule.Name == alarm.Rule);
        return rule is { Title: var title } ? $"{title.En} · {title.Zh}" : alarm.Rule;
    }

    private static string Card(string what, int count) => string.Create(CultureInfo.InvariantCulture, $"<div class=\"{(count == 0 ? "none" : "")}\"><b>{count}</b>{what}</div>");

    private static string Some(int count) => count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root{color-scheme:light dark;--line:#8884;--was:#8b949e;--is:#2f81f7;--bad:#d1242f;--good:#1a7f37}
        body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
        h1 small,h2 small,h3 small{font-weight:400;font-size:.75em;opacity:.7} h2{margin-top:2.2rem} h3{margin:.2rem 0}
        table{border-collapse:collapse;width:100%;font-size:.9em} th,td{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left} .n{text-align:right;font-variant-numeric:tabular-nums}
        .less{color:var(--good)} .more{color:var(--bad)} .same{font-size:1.2em}
        .cards{display:flex;gap:1rem;flex-wrap:wrap} .cards div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1rem;min-width:7rem} .cards b{display:block;font-size:1.8em} .cards .none{opacity:.5}
        section{border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1rem;margin:1rem 0;break-inside:avoid} section p{margin:.2rem 0}
        .p{font-size:.75em;border-radius:.3rem;padding:.1rem .4rem;border:1px solid currentColor} .critical{color:var(--bad)} .high{color:#bc4c00}
        svg{width:100%;height:auto;display:block} svg text{font-size:11px;fill:currentColor;opacity:.75} .was{fill:var(--was);stroke:var(--was)} .is{fill:var(--is);stroke:var(--is)} .curve{fill:none;stroke:currentColor;stroke-width:1.5} .axis{stroke:var(--line)}
        """;
}
