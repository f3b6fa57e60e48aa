using System.Globalization;
using System.Text;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Texts;

/// <summary>
/// A message in words, hazards first. Every line begins with a word of ours, whatever the register and the readings hold; subjects and short messages are one line.
/// </summary>
/// <param name="facts">Of each place's alarm.</param>
internal sealed class CrewText(NotifyFile file, Message message, Func<Place, PlaceFacts> facts)
{
    private const string DrillMark = "【演练】";
    private const string ProofMark = "【测试】";
    private const int MaxSubject = 120;

    // Of a place's name in an SMS: what happened is cut before it gets shorter.
    private const int LeastWhere = 12;

    /// <summary>Places that a call names before it counts the rest.</summary>
    private const int MaxSpoken = 5;

    /// <summary>An SMS in Chinese.</summary>
    public const int MaxSms = 70;

    private readonly Wording _words = Wording.For(file.People.GetValueOrDefault(message.Recipient)?.Language ?? Language.Zh);

    private string Signature => (message.Drill ? DrillMark : message.ProofCode is not null ? ProofMark : "") + $"【{file.Signature}】";

    /// <summary>Of a mail.</summary>
    public string Subject => message.ProofCode is not null ? Signature + _words.Proof : SafeCut(Signature, message.Kind == MessageKind.Digest ? Summary : $"{Head.Short} {Headline(Head)}{MoreSuffix}", MaxSubject);

    /// <summary>Of a mail or a group's message; places one after the other.</summary>
    public string Body
    {
        get
        {
            var body = new StringBuilder(Signature).Append('\n');
            if (message.ProofCode is { } proof)
                return body.AppendFormat(CultureInfo.InvariantCulture, _words.ProofText, proof).Append('\n').ToString();
            if (message.Kind == MessageKind.Digest)
                body.Append(Summary).Append('\n');
            foreach (var place in message.Places)
                Append(body.Append('\n'), place);
            return body.ToString();
        }
    }

    /// <summary>【signature】 place, hazard, action, code: the action is cut first, then the place.</summary>
    /// <param name="code">By which an answer finds its message; a few digits.</param>
    public string Sms(string code)
    {
        if (message.ProofCode is { } proof)
            return Signature + string.Format(CultureInfo.InvariantCulture, _words.ProofText, proof);
        if (message.Kind == MessageKind.Digest)
            return SafeCut(Signature, Summary, MaxSms);
        var reply = message.Kind == MessageKind.Quiet ? "" : " " + string.Format(CultureInfo.InvariantCulture, _words.Reply, code);
        var room = MaxSms - Signature.Length - reply.Length;
        var what = SafeText.Cut(Headline(Head), room - MoreSuffix.Length - Math.Min(Head.Short.Length, LeastWhere) - 1) + MoreSuffix;
        var where = SafeText.Cut(Head.Short, room - what.Length - 1);
        var left = room - where.Length - what.Length - 1 - _words.Comma.Length;
        // Half a word of an action tells nobody anything.
        var action = Head.AsksForSomebody && left >= 4 && Head.Action is { } full ? _words.Comma + SafeText.Cut(full, left) : "";
        return $"{Signature}{where} {what}{action}{reply}";
    }

    /// <summary>What a call says; how one accepts stands at its end.</summary>
    public string Voice
    {
        get
        {
            // Digit by digit.
            if (message.ProofCode is { } proof)
                return _words.SpokenProof + SafeText.Line(file.Signature) + _words.Stop + string.Format(CultureInfo.InvariantCulture, _words.ProofText, string.Join(' ', proof.AsEnumerable()));
            var text = new StringBuilder(message.Drill ? _words.SpokenDrill : "").Append(SafeText.Line(file.Signature)).Append(_words.Stop);
            foreach (var place in message.Places.Take(MaxSpoken).Select(Of))
                text.Append(Headline(place)).Append(_words.Comma).Append(place.Short).Append(_words.Stop);
            if (message.Places.Count > MaxSpoken)
                text.Append(_words.More(message.Places.Count).Trim()).Append(_words.Stop);
            if (Head.AsksForSomebody && Head.Action is { } action)
                text.Append(action.TrimEnd('.', '。')).Append(_words.Stop);
            return text.Append(_words.Answer).ToString();
        }
    }

    /// <summary>The most severe of the places, of those the first.</summary>
    private PlaceText Head => Of(message.Places.MaxBy(place => (place.News == PlaceNews.Stands, place.Alarm.Severity))!);

    private string MoreSuffix => message.Places.Count == 1 ? "" : _words.More(message.Places.Count);

    private string Summary => string.Format(
        CultureInfo.InvariantCulture, _words.Digest, message.Places.Count(place => place.Alarm.Kind == AlarmKind.Alarm), message.Places.Count(place => place.Alarm.Kind == AlarmKind.Ticket));

    private PlaceText Of(Place place) => new(place, facts(place), _words, file.Map);

    private static string Headline(PlaceText place)
    {
        var what = place.AsksForSomebody ? place.Hazard : place.Title;
        return place.News is { } news ? $"{what} {news}" : what;
    }

    private void Append(StringBuilder body, Place place)
    {
        var text = Of(place);
        Line(_words.Hazard, Headline(text));
        Line(_words.Where, text.Where);
        Line(_words.Map, text.Map);
        Line(_words.Since, text.Since);
        Line(_words.Value, text.Value);
        Line(_words.Level, place.Alarm.Kind == AlarmKind.Ticket ? _words.Ticket : _words.Severities[place.Alarm.Severity]);
        if (place.News != PlaceNews.Over)
            Line(_words.Action, text.Action);
        if (_words.Who is { } who)
            Line(who, text.Who);
        Line("· ", text.Detail);

        void Line(string label, string? of)
        {
            if (of is not null)
                body.Append(label).Append(of).Append('\n');
        }
    }

    private static string SafeCut(string signature, string text, int most) => signature + SafeText.Cut(text, most - signature.Length);
}
