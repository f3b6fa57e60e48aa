using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>What a page shows of one message.</summary>
/// <param name="Link">The last part of its address.</param>
/// <param name="Alarms">Of its places, as they stand now, the worst first.</param>
/// <param name="Person">Who acts by it; null where it is for looking only.</param>
internal sealed record CrewView(string Link, Message Message, IReadOnlyList<Alarm> Alarms, Person? Person, Language Language);

/// <summary>
/// The page that a link opens, as HTML without script: it must work on a cheap phone in the rain. Everything that is not ours is encoded, and the policy lets
/// nothing in but this style and forms to this address.
/// </summary>
internal sealed class CrewPage(NotifyFile file, Func<Alarm, PlaceFacts> facts, StepTokens tokens)
{
    /// <summary>Places on one page: a bad network loads it in a second or two.</summary>
    public const int PlacesAPage = 20;

    private const string Style = """
        :root{color-scheme:light dark;--ground:#fff;--ink:#111;--dim:#555;--line:#bbb;--box:#f4f4f4;--go:#0a5c2b;--stop:#8a1111;--warn:#fff3c4;--warn-ink:#4a3500}
        @media (prefers-color-scheme:dark){:root{--ground:#111;--ink:#f4f4f4;--dim:#bbb;--line:#555;--box:#1d1d1d;--go:#0f7a3a;--stop:#ff8d8d;--warn:#4a3a00;--warn-ink:#fff3c4}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:40rem;padding:12px;background:var(--ground);color:var(--ink);font:18px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
        h1{font-size:24px;line-height:1.25;margin:0 0 8px}
        section{border:2px solid var(--line);border-radius:8px;padding:12px;margin:0 0 16px}
        dl{margin:0}dt{color:var(--dim);font-size:15px;margin-top:8px}dd{margin:0}
        .state{background:var(--box);border-radius:6px;padding:8px 10px;margin:12px 0;font-weight:600}
        .said{background:var(--warn);color:var(--warn-ink);border:2px solid currentColor;border-radius:6px;padding:10px;font-weight:600}
        .drill{background:repeating-linear-gradient(45deg,#f6c700 0 16px,#222 16px 32px);padding:10px;margin:0 0 12px}
        .drill b{background:#fff;color:#111;padding:4px 8px;font-size:22px}
        form{margin:10px 0 0}
        button,.map{display:block;width:100%;min-height:56px;border-radius:8px;border:2px solid var(--ink);background:var(--ground);color:var(--ink);font:inherit;font-weight:700;padding:12px;text-align:center}
        .map{text-decoration:none;margin-top:6px}
        button.go{background:var(--go);border-color:var(--go);color:#fff}button.stop{border-color:var(--stop);color:var(--stop)}
        summary{min-height:44px;padding:10px 0}label{display:block}
        input{display:block;width:100%;min-height:48px;font:inherit;padding:8px;margin:4px 0 0;border:2px solid var(--ink);border-radius:6px;background:var(--ground);color:var(--ink)}
        :focus-visible{outline:3px solid #1a6fd1;outline-offset:2px}
        """;

    /// <summary>No script, no picture, nothing from elsewhere.</summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <param name="said">What came of a step; null for a page that was only opened.</param>
    /// <param name="from">How many places are passed over.</param>
    public string Of(CrewView view, string? said, int from)
    {
        var (words, wording) = (CrewWords.For(view.Language), Wording.For(view.Language));
        var shown = view.Alarms.Skip(from).Take(PlacesAPage).ToList();
        var first = shown.Count > 0 ? TextOf(shown[0], wording).Headline : words.Ended;
        var page = new StringBuilder();
        if (view.Message.Drill)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"drill\"><b>{E(words.Drill)}</b></p>");
        Paragraph("said", said);
        foreach (var alarm in shown)
        {
            Append(page, view, alarm, words, wording);
            // Behind the first: a hazard comes before everything else.
            if (alarm == shown[0] && view.Alarms.Count > 1)
                Paragraph("", string.Format(CultureInfo.InvariantCulture, words.Places, view.Alarms.Count));
        }
        if (view.Alarms.Count > from + shown.Count)
            page.Append(CultureInfo.InvariantCulture, $"<p><a class=\"map\" href=\"?from={from + shown.Count}\">{E(string.Format(CultureInfo.InvariantCulture, words.More, view.Alarms.Count - from - shown.Count))}</a></p>");
        Paragraph("", view.Person is { } person ? string.Format(CultureInfo.InvariantCulture, words.You, SafeText.Line(person.Name)) : words.ReadOnly);
        page.Append(CultureInfo.InvariantCulture, $"<p><a class=\"map\" href=\"{E(view.Link)}\">{E(words.Reload)}</a></p>");
        return Whole(words.Tag, (view.Message.Drill ? words.Drill : "") + first, page.ToString());

        void Paragraph(string kind, string? text)
        {
            if (text is not null)
                page.Append(CultureInfo.InvariantCulture, $"<p{(kind.Length > 0 ? $" class=\"{kind}\" role=\"status\"" : "")}>{E(text)}</p>");
        }
    }

    /// <summary>A page of one sentence in both languages, where nobody knows whose it is.</summary>
    public static string Saying(Func<CrewWords, string> what)
    {
        var (zh, en) = (what(CrewWords.For(Language.Zh)), what(CrewWords.For(Language.En)));
        return Whole("zh-CN", zh, $"<p class=\"said\" role=\"status\">{E(zh)}</p><p class=\"said\" lang=\"en\">{E(en)}</p>");
    }

    private static string Whole(string language, string title, string body) =>
        $"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{E(title)}</title><style>{Style}</style></head><body><main>{body}</main></body></html>""";

    private void Append(StringBuilder page, CrewView view, Alarm alarm, CrewWords words, Wording wording)
    {
        var text = TextOf(alarm, wording);
        page.Append(CultureInfo.InvariantCulture, $"<section id=\"{E(alarm.Id)}\"><h1>{E(text.Headline)}</h1><dl>");
        Line(wording.Where, text.Where);
        page.Append("</dl>");
        if (text.Map is { } map)
            page.Append(CultureInfo.InvariantCulture, $"<a class=\"map\" href=\"{E(map)}\" rel=\"noreferrer noopener\">{E(words.Map)}</a>");
        page.Append("<dl>");
        Line(wording.Since, text.Since);
        Line(wording.Value, text.Value);
        Line(wording.Level, alarm.Kind == AlarmKind.Ticket ? wording.Ticket : wording.Severities[alarm.Severity]);
        if (text.AsksForSomebody)
        {
            Line(wording.Action, text.Action);
            Line(wording.Bring, text.Bring);
        }
        page.Append("</dl>");
        if (text.Detail is { } detail)
            page.Append(CultureInfo.InvariantCulture, $"<p>{E(detail)}</p>");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"state\">{E(words.State)}{E(StateOf(alarm, words))}</p>");
        if (view.Person is { } person)
        {
            var offered = CrewSteps.Offered(alarm, person.Name).ToList();
            foreach (var step in offered)
                Button(page, view.Link, alarm, step, step == offered[0] && step != CrewStep.FalseAlarm, words);
        }
        page.Append("</section>");

        void Line(string label, string? of)
        {
            if (of is not null)
                page.Append(CultureInfo.InvariantCulture, $"<dt>{E(label)}</dt><dd>{E(of)}</dd>");
        }
    }

    private void Button(StringBuilder page, string link, Alarm alarm, CrewStep step, bool isNext, CrewWords words)
    {
        var asks = step == CrewStep.FalseAlarm;
        if (asks)
            page.Append(CultureInfo.InvariantCulture, $"<details><summary>{E(words.FalseAlarmAsk)}</summary>");
        // Relative: a proxy may have put something before our path.
        page.Append(CultureInfo.InvariantCulture, $"<form method=\"post\" action=\"{E(link)}\">");
        Hidden("alarm", alarm.Id);
        Hidden("step", step.Name());
        Hidden("token", tokens.For(link, alarm, step));
        if (asks)
            page.Append(CultureInfo.InvariantCulture, $"<label>{E(words.Reason)}<input name=\"reason\" required maxlength=\"200\" autocomplete=\"off\"></label>");
        page.Append(CultureInfo.InvariantCulture, $"<button{(isNext ? " class=\"go\"" : step == CrewStep.Decline ? " class=\"stop\"" : "")}>{E(words.Buttons[step])}</button></form>");
        if (asks)
            page.Append("</details>");

        void Hidden(string name, string value) => page.Append(CultureInfo.InvariantCulture, $"<input type=\"hidden\" name=\"{name}\" value=\"{E(value)}\">");
    }

    private PlaceText TextOf(Alarm alarm, Wording wording)
    {
        var isOver = alarm.Underlying is AlarmState.Normal or AlarmState.ClearedUnacknowledged;
        return new PlaceText(new Place(alarm, "", isOver ? PlaceNews.Over : PlaceNews.Stands, 0), facts(alarm), wording, file.Map);
    }

    private static string StateOf(Alarm alarm, CrewWords words)
    {
        IEnumerable<string?> parts =
        [
            alarm.State == AlarmState.Normal ? words.Ended : null,
            alarm.State switch { AlarmState.Shelved => words.Shelved, AlarmState.Suppressed => words.Suppressed, AlarmState.OutOfService => words.OutOfService, _ => null },
            alarm is { AcceptedBy: { } by, AcceptedAt: { } at } ? string.Format(CultureInfo.InvariantCulture, words.Accepted, SafeText.Line(by), Time(at))
                : alarm.State == AlarmState.Normal ? null : words.NobodyAccepted,
            alarm.DeclinedBy is { } declined ? string.Format(CultureInfo.InvariantCulture, words.Declined, SafeText.Line(declined)) : null,
            alarm.OnSiteAt is { } onSite ? string.Format(CultureInfo.InvariantCulture, words.OnSite, Time(onSite)) : null,
            alarm.DoneAt is { } done ? string.Format(CultureInfo.InvariantCulture, words.Done, Time(done)) : null,
            alarm.FalseAlarm is { } reason ? string.Format(CultureInfo.InvariantCulture, words.FalseAlarm, SafeText.Line(reason)) : null,
        ];
        return string.Join(" · ", parts.OfType<string>());
    }

    private static string Time(long at) => LocalTime.Shown(at, "MM-dd HH:mm");

    private static string E(string text) => Encoder.Encode(text);
}
