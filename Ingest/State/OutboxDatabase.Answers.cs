using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.State;

/// <summary>A message that somebody answers.</summary>
internal sealed record Answerable(string Link, Message Message);

/// <summary>By what an answer finds its message.</summary>
internal sealed partial class OutboxDatabase
{
    // Without 0 O 1 I l, which somebody may have to read aloud. 11 of 57 are 64 bits.
    private const string LinkSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int LinkLength = 11;

    private const int Codes = 10_000;

    // So long nobody gets the same code twice, ms.
    internal const long CodeRests = 7 * Notify.LocalTime.Day;

    public Answerable? ByLink(string link) => Answer("link = $link", ("$link", link));

    /// <summary>The newest of the recipient's messages with this code.</summary>
    public Answerable? ByCode(string recipient, string code) => Answer("recipient = $recipient AND code = $code", ("$recipient", recipient), ("$code", code));

    /// <summary>Of a cluster's node: what the message showed when it was sent is known here.</summary>
    public Answerable? BySentCode(string recipient, string code) => Answer("recipient = $recipient AND code = $code AND sent", ("$recipient", recipient), ("$code", code));

    /// <summary>What the message shows, as the nodes have agreed.</summary>
    public void Agree(Message message, string code, string link) => Write(transaction => Run(
        transaction, "UPDATE answers SET code = $code, link = $link, sent = 1 WHERE message = (SELECT id FROM messages WHERE key = $key)", ("$code", code), ("$link", link), ("$key", message.Key)));

    /// <param name="key">Of the message, which a provider has kept for us.</param>
    public Answerable? ByKey(string recipient, string key) => Answer("recipient = $recipient AND key = $key", ("$recipient", recipient), ("$key", key));

    /// <summary>Whether a reply came before.</summary>
    /// <param name="id">As its provider numbers it.</param>
    public bool HasReply(string id) => Query("SELECT at FROM replies WHERE id = $id", row => row.GetInt64(0), ("$id", id)).Count > 0;

    public void AddReply(string id, long now) => Write(transaction => Run(transaction, "INSERT OR IGNORE INTO replies VALUES ($id, $at)", ("$id", id), ("$at", now)));

    private Answerable? Answer(string condition, params ReadOnlySpan<(string Name, object Value)> parameters) =>
        Query($"SELECT link, json FROM answers JOIN messages ON messages.id = message WHERE {condition} ORDER BY message DESC LIMIT 1", row => new Answerable(row.GetString(0), JsonSerializer.Deserialize<Message>(row.GetString(1))!), parameters)
            is [var found] ? found : null;

    private void AddAnswer(SqliteTransaction transaction, Message message) =>
        Run(
            transaction, "INSERT INTO answers (message, recipient, code, link) SELECT id, $recipient, $code, $link FROM messages WHERE key = $key",
            ("$recipient", message.Recipient), ("$code", message.IsRobot ? "" : message.ProofCode ?? FreeCode(message)), ("$link", RandomNumberGenerator.GetString(LinkSigns, LinkLength)), ("$key", message.Key));

    /// <summary>What an earlier version has left open.</summary>
    private void AddMissingAnswers()
    {
        var missing = Query("SELECT json FROM messages WHERE id IN (SELECT message FROM deliveries WHERE state = 'Open') AND id NOT IN (SELECT message FROM answers)", row => JsonSerializer.Deserialize<Message>(row.GetString(0))!);
        if (missing.Count == 0)
            return;
        Write(transaction =>
        {
            foreach (var message in missing)
                AddAnswer(transaction, message);
        });
    }

    /// <summary>Four digits, of the key where they are free.</summary>
    private string FreeCode(Message message) => FreeCode(message.Recipient, message.Due, (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(message.Key)) % Codes));

    private string FreeCode(string recipient, long at, int first) => FreeCode(
        first.ToString("0000", CultureInfo.InvariantCulture),
        _connection.Rows(
            "SELECT code FROM answers JOIN messages ON messages.id = message WHERE recipient = $recipient AND at > $since", row => row.GetString(0), [("$recipient", recipient), ("$since", at - CodeRests)]));

    /// <summary>This code or, where it is taken, the next that is not; the same where all are.</summary>
    internal static string FreeCode(string code, IEnumerable<string> taken)
    {
        var (first, busy) = (int.Parse(code, CultureInfo.InvariantCulture), taken.ToHashSet());
        return Enumerable.Range(first, Codes).Select(next => (next % Codes).ToString("0000", CultureInfo.InvariantCulture)).FirstOrDefault(next => !busy.Contains(next), code);
    }
}
