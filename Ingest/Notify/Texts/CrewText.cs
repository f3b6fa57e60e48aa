using System.Globalization;
using System.Text;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Texts;

/// <summary>
/// A message in words, hazards first. Every line begins with a word of ours, whatever the register and the readings hold; subjects and short messages are one line.
/// </summary>
/// <param name="facts">Of each place's alarm.</param>
/// <param name="ways">Null for none but the desk.</param>
internal sealed class CrewText(NotifyFile file, Message message, Func<Place, PlaceFacts> facts, AnswerWays? ways = null)
{
    private const string DrillMark = "【演练】";
    private const string ProofMark = "【测试】";
    private const int MaxSubject = 120;

    // A push carries 4 KiB at most, with everything that it says.
    private const int MaxNotification = 300;

    // Of a place's name in an SMS: what happened is cut before it gets shorter.
    private const int LeastWhere = 12;

    // Left for place and hazard beside a link; else how to reply is not said too.
    private const int LeastText = 24;

    /// <summary>Places that a call names before it counts the rest.</summary>
    private const int MaxSpoken = 5;

    /// <summary>An SMS in Chinese.</summary>
    public const int MaxSms = 70;

    private readonly Wording _words = Wording.For(file.People.GetValueOrDefault(message.Recipient)?.Language ?? Language.Zh);

    // A drill's end wants no answer.
    private readonly AnswerWays _ways = ways is null || (message.ProofCode is null && message.Places.All(place => place.News == PlaceNews.DrillEnded)) ? AnswerWays.None : ways;

    private string Signature => (message.Drill ? DrillMark : message.ProofCode is not null ? ProofMark : "") + $"【{file.Signature}】";

    /// <summary>Address of the message's page; null for none. A test is confirmed by its code.</summary>
    public string? Link => message.ProofCode is null && message.Second is null ? _ways.Link : null;

    /// <summary>Of a mail.</summary>
    public string Subject => message.ProofCode is not null ? Signature + _words.Proof : message.Second is not null ? Signature + _words.Second : SafeCut(Signature, message.Kind == MessageKind.Digest ? Summary : $"{Head.Short} {Head.Headline}{MoreSuffix}", MaxSubject);

    /// <summary>Of a mail or a group's message; places one after the other.</summary>
    public string Body
    {
        get
        {
            var body = new StringBuilder(Signature).Append('\n');
            if (message.ProofCode is { } proof)
                return body.AppendFormat(CultureInfo.InvariantCulture, _words.ProofText, proof).Append('\n').ToString();
            if (message.Second is not null)
                return body.Append(Asked(_words.SecondText)).Append('\n').ToString();
            // First: a group's message may be cut at its end.
            if (_ways.Link is { } link)
                body.Append(_words.Link).Append(link).Append('\n');
            if (message.Kind == MessageKind.Digest)
                body.Append(Summary).Append('\n');
            foreach (var place in message.Places)
                Append(body.Append('\n'), place);
            return body.ToString();
        }
    }

    /// <summary>【signature】 place, hazard, action, link, code: the action is cut first, then the place.</summary>
    /// <param name="code">By which an answer finds its message; a few digits.</param>
    public string Sms(string code)
    {
        if (message.ProofCode is { } proof)
            return Signature + string.Format(CultureInfo.InvariantCulture, _ways.BySms ? _words.ProofReply : _words.ProofText, proof);
        if (message.Second is not null)
            return Signature + Asked(_words.SecondText, MaxSms - Signature.Length);
        var answer = Answer(code);
        var room = MaxSms - Signature.Length - answer.Length;
        if (message.Kind == MessageKind.Digest)
            return Signature + SafeText.Cut(Summary, room) + answer;
        var what = SafeText.Cut(Head.Headline, room - MoreSuffix.Length - Math.Min(Head.Short.Length, LeastWhere) - 1) + MoreSuffix;
        var where = SafeText.Cut(Head.Short, room - what.Length - 1);
        var left = room - where.Length - what.Length - 1 - _words.Comma.Length;
        // Half a word of an action tells nobody anything.
        var action = Head.AsksForSomebody && left >= 4 && Head.Action is { } full ? _words.Comma + SafeText.Cut(full, left) : "";
        return $"{Signature}{where} {what}{action}{answer}";
    }

    /// <summary>Beneath the subject, in what a browser shows: what to do. It opens the link when it is pressed, so the link does not stand in it.</summary>
    /// <param name="code">As for <see cref="Sms"/>.</param>
    public string Notification(string code)
    {
        if (message.ProofCode is { } proof)
            return string.Format(CultureInfo.InvariantCulture, _words.ProofText, proof);
        if (message.Second is not null)
            return Asked(_words.SecondText);
        var action = Head.AsksForSomebody && Head.Action is { } full ? SafeText.Cut(full, MaxNotification) : "";
        var answer = message.Kind is MessageKind.Quiet or MessageKind.Digest || _ways.Link is not null ? "" : string.Format(CultureInfo.InvariantCulture, _words.PhoneDesk, code);
        return action.Length > 0 && answer.Length > 0 ? $"{action}\n{answer}" : action + answer;
    }

    /// <summary>What a call says; how one accepts stands at its end.</summary>
    public string Voice
    {
        get
        {
            // Digit by digit.
            if (message.ProofCode is { } proof)
                return _words.SpokenProof + SafeText.Line(file.Signature) + _words.Stop + (_ways.ByKey ? _words.ProofPress : string.Format(CultureInfo.InvariantCulture, _words.ProofText, string.Join(' ', proof.AsEnumerable())));
            if (message.Second is { } second)
                return SafeText.Line(file.Signature) + _words.Stop + Asked(_words.SecondSpoken, code: string.Join(' ', second.Code.AsEnumerable()));
            var text = new StringBuilder(message.Drill ? _words.SpokenDrill : "").Append(SafeText.Line(file.Signature)).Append(_words.Stop);
            foreach (var place in message.Places.Take(MaxSpoken).Select(Of))
                text.Append(place.Headline).Append(_words.Comma).Append(place.Short).Append(_words.Stop);
            if (message.Places.Count > MaxSpoken)
                text.Append(_words.More(message.Places.Count).Trim()).Append(_words.Stop);
            if (Head.AsksForSomebody && Head.Action is { } action)
                text.Append(action.TrimEnd('.', '。')).Append(_words.Stop);
            return text.Append(!_ways.ByKey ? _words.Answer : message.Places.Count > 1 ? _words.PressAll : _words.Press).ToString();
        }
    }

    /// <summary>The most severe of the places, of those the first.</summary>
    private PlaceText Head => Of(message.Places.MaxBy(place => (place.News == PlaceNews.Stands, place.Alarm.Severity))!);

    private string MoreSuffix => message.Places.Count == 1 ? "" : _words.More(message.Places.Count);

    private string Summary => string.Format(
        CultureInfo.InvariantCulture, _words.Digest, message.Places.Count(place => place.Alarm.Kind == AlarmKind.Alarm), message.Places.Count(place => place.Alarm.Kind == AlarmKind.Ticket));

    /// <summary>How one answers a short message, behind a blank; nothing for what is quiet.</summary>
    private string Answer(string code)
    {
        if (message.Kind == MessageKind.Quiet)
            return "";
        var link = _ways.Link is { } address ? " " + address : "";
        if (message.Kind == MessageKind.Digest || (link.Length > 0 && !_ways.BySms))
            return link;
        var reply = " " + string.Format(CultureInfo.InvariantCulture, !_ways.BySms ? _words.PhoneDesk : message.Places.Count > 1 ? _words.ReplyAll : _words.Reply, code);
        return link.Length == 0 ? reply : MaxSms - Signature.Length - link.Length - reply.Length < LeastText ? link : link + reply;
    }

    /// <summary>The code comes before what may be cut.</summary>
    private string Asked(string words, int most = 500, string? code = null)
    {
        var second = message.Second!;
        return SafeText.Cut(string.Format(CultureInfo.InvariantCulture, words, code ?? second.Code, SafeText.Line(second.By), SafeText.Line(second.What)), most);
    }

    private PlaceText Of(Place place) => new(place, facts(place), _words, file.Map);

    private void Append(StringBuilder body, Place place)
    {
        var text = Of(place);
        Line(_words.Hazard, text.Headline);
        Line(_words.Where, text.Where);
        Line(_words.Map, text.Map);
        Line(_words.Since, text.Since);
        Line(_words.Value, text.Value);
        Line(_words.Level, place.Alarm.Kind == AlarmKind.Ticket ? _words.Ticket : _words.Severities[place.Alarm.Severity]);
        if (place.News != PlaceNews.Over)
        {
            Line(_words.Action, text.Action);
            Line(_words.Bring, text.Bring);
        }
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
