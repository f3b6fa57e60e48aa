using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>What a reply came to.</summary>
/// <param name="Result">A name for programs: that of a <see cref="StepResult"/>, or <c>confirmed</c> (a test), <c>unknown</c>, <c>not_understood</c>, <c>which_place</c>, <c>repeated</c>.</param>
/// <param name="Text">For the person, in their language where it is known.</param>
internal sealed record ReplyAnswer(string Result, string Text);

/// <summary>Takes what people reply to an SMS and which key they press in a call. One reply accepts or declines every place of its message.</summary>
/// <param name="answers">Codes of what any node has sent; null on a machine alone.</param>
internal sealed partial class ReplyDesk(NotifySource source, OutboxDatabase outbox, ProofBook proofs, CrewDesk desk, TimeProvider time, AnswerTable? answers = null)
{
    private static readonly Dictionary<char, CrewStep> Keys = new()
    {
        ['1'] = CrewStep.Accept, ['2'] = CrewStep.Decline, ['3'] = CrewStep.FalseAlarm, ['4'] = CrewStep.OnSite, ['5'] = CrewStep.Done,
    };

    /// <param name="via"><c>sms</c> or <c>voice</c>.</param>
    /// <exception cref="IOException">The outbox can't be read or written.</exception>
    public async Task<ReplyAnswer> TakeAsync(Reply reply, string via)
    {
        var id = reply.Id is null ? null : $"{via}/{reply.Id}";
        if (id is not null && outbox.HasReply(id))
            return Counted(via, new ReplyAnswer("repeated", CrewWords.For(Language.Zh).Repeated));
        var answer = await AnswerAsync(reply, via);
        // What could not be recorded is handed on again.
        if (id is not null && answer.Result != CrewDesk.NameOf(StepResult.Unavailable))
            outbox.AddReply(id, time.GetUtcNow().ToUnixTimeMilliseconds());
        return answer;
    }

    private async Task<ReplyAnswer> AnswerAsync(Reply reply, string via)
    {
        if (Parse(reply) is not var (step, code, reason))
            return Counted(via, new ReplyAnswer("not_understood", CrewWords.For(Language.Zh).NotUnderstood));
        // Whether it was the number or the code tells nobody who is there.
        if (await MessageAsync(reply.Phone, code) is not var (person, message))
            return Counted(via, new ReplyAnswer("unknown", CrewWords.For(Language.Zh).NoSuchReply));
        var words = CrewWords.For(person.Language);
        if (message.ProofCode is not null)
            return Counted(via, Prove(person, message, step, words));
        // Whoever agrees says so to whoever asked, and to no machine.
        if (message.Second is not null)
            return Counted(via, new ReplyAnswer("not_understood", words.NotUnderstood));
        var alarms = message.Places.Select(place => place.Alarm.Id).Distinct().ToList();
        // One goes to all of them, but nobody is at two at once.
        if (step is CrewStep.OnSite or CrewStep.Done or CrewStep.FalseAlarm && alarms.Count(alarm => desk.Find(alarm) is { State: not AlarmState.Normal }) > 1)
            return Counted(via, new ReplyAnswer("which_place", words.WhichPlace));
        var results = new List<StepResult>();
        foreach (var alarm in alarms)
            results.Add(await desk.TakeAsync(alarm, step, person.Name, reason, via, isAsSeen: null));
        // One that could not be recorded is tried again by the provider; the others are so already then.
        var telling = results.Contains(StepResult.Unavailable) ? StepResult.Unavailable : results.Min();
        var text = telling == StepResult.Taken
            ? string.Format(CultureInfo.InvariantCulture, words.Replied, words.Buttons[step], results.Count(result => result == StepResult.Taken))
            : words.Results[telling];
        return new ReplyAnswer(CrewDesk.NameOf(telling), text);
    }

    /// <summary>A test has arrived.</summary>
    private ReplyAnswer Prove(Person person, Message message, CrewStep step, CrewWords words)
    {
        // What is no test any more was long ago.
        if (step != CrewStep.Accept || proofs.All.FirstOrDefault(proof => proof.Key == message.Key) is not { } proof)
            return new ReplyAnswer("not_understood", words.NotUnderstood);
        proofs.Confirm(proof, person.Name, time.GetUtcNow().ToUnixTimeMilliseconds());
        return new ReplyAnswer("confirmed", words.Proved);
    }

    private ReplyAnswer Counted(string via, ReplyAnswer answer)
    {
        desk.Count(via, answer.Result);
        return answer;
    }

    private async Task<(Person Person, Message Message)?> MessageAsync(string phone, string code)
    {
        var number = Digits(phone);
        (Person, Message Message)? newest = null;
        foreach (var person in source.Current!.People.Values.Where(person => person.Phone is { } own && Digits(own) == number))
        {
            if ((code.Contains('.', StringComparison.Ordinal) ? await ByKeyAsync(person.Id, code) : await ByCodeAsync(person.Id, code)) is { } found && !(newest?.Message.Due >= found.Message.Due))
                newest = (person, found.Message);
        }
        return newest;
    }

    private async Task<Answerable?> ByKeyAsync(string recipient, string key) =>
        outbox.ByKey(recipient, key) ?? (answers is null ? null : await answers.ByKeyAsync(recipient, key, CancellationToken.None));

    /// <summary>A code that another node has sent may stand for another message here: what all have agreed on comes first.</summary>
    /// <exception cref="IOException">It can't be known now: the reply is handed on again.</exception>
    private async Task<Answerable?> ByCodeAsync(string recipient, string code)
    {
        if (answers is null)
            return outbox.ByCode(recipient, code);
        try
        {
            return await answers.ByCodeAsync(recipient, code, CancellationToken.None);
        }
        catch (IOException)
        {
            if (outbox.BySentCode(recipient, code) is { } sent)
                return sent;
            throw;
        }
    }

    private static (CrewStep Step, string Code, string Reason)? Parse(Reply reply)
    {
        // Full-width digits are what a Chinese keyboard writes.
        var text = (reply.Text.IsNormalized(NormalizationForm.FormKC) ? reply.Text : Normalized(reply.Text)).Trim();
        if (reply.Message is { } message)
            // A call is answered by going or not going; what else there is needs eyes.
            return text is "1" or "2" ? (Keys[text[0]], message.Trim(), "") : null;
        return StepAndCode().Match(text) is { Success: true } match && Keys.TryGetValue(match.Groups["step"].ValueSpan[0], out var step)
            ? (step, match.Groups["code"].Value, match.Groups["more"].Value.Trim() is { Length: > 0 } more ? more : match.Value.Trim())
            : null;
    }

    private static string Normalized(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Half a character.
            return "";
        }
    }

    /// <summary>China's numbers come with and without 86.</summary>
    private static string Digits(string phone)
    {
        var digits = string.Concat(phone.Where(char.IsAsciiDigit)).TrimStart('0');
        return digits.Length == 13 && digits.StartsWith("86", StringComparison.Ordinal) ? digits[2..] : digits;
    }

    [GeneratedRegex(@"^(?<step>[1-5])[^0-9]*(?<code>[0-9]{4})(?![0-9])(?<more>.*)$", RegexOptions.Singleline)]
    private static partial Regex StepAndCode();
}
