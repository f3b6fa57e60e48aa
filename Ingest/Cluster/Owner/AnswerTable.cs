using System.Text.Json;
using Npgsql;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>By which link and which code the answer to a message finds it, in PostgreSQL: the nodes agree on both before it is sent, and an answer may come to any of them.</summary>
internal sealed class AnswerTable(NpgsqlDataSource postgres, string stream)
{
    private readonly StreamRows _rows = new(postgres, stream);

    /// <summary>What stands there already, or this, with another code where another message has it.</summary>
    /// <returns>What the message must show.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<(string Code, string Link)> AgreeAsync(Message message, string code, string link, CancellationToken cancellationToken)
    {
        // A test's code was agreed on with the test.
        if (code.Length > 0 && message.ProofCode is null)
        {
            var taken = await _rows.AskAsync(
                "SELECT array_agg(code) FROM answer WHERE stream = $1 AND recipient = $2 AND at > $3 AND key <> $4", [message.Recipient, message.Due - OutboxDatabase.CodeRests, message.Key], cancellationToken);
            code = OutboxDatabase.FreeCode(code, taken as string[] ?? []);
        }
        return await ShowAsync(message, code, link, cancellationToken);
    }

    /// <summary>As <see cref="AgreeAsync"/>, of a message that has been sent with this code.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<(string Code, string Link)> ShowAsync(Message message, string code, string link, CancellationToken cancellationToken)
    {
        var row = await _rows.RowAsync(
            """
            INSERT INTO answer (stream, key, recipient, code, link, message, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (stream, key) DO UPDATE SET key = excluded.key RETURNING code, link
            """,
            [message.Key, message.Recipient, code, link, JsonSerializer.Serialize(message), message.Due], cancellationToken);
        return ((string)row![0], (string)row[1]);
    }

    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<Answerable?> ByLinkAsync(string link, CancellationToken cancellationToken) => FindAsync("link = $2", [link], cancellationToken);

    /// <summary>The newest of the recipient's messages with this code.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<Answerable?> ByCodeAsync(string recipient, string code, CancellationToken cancellationToken) => FindAsync("recipient = $2 AND code = $3", [recipient, code], cancellationToken);

    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<Answerable?> ByKeyAsync(string recipient, string key, CancellationToken cancellationToken) => FindAsync("recipient = $2 AND key = $3", [recipient, key], cancellationToken);

    /// <summary>Forgets what is older.</summary>
    /// <param name="before">Unix ms.</param>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task PruneAsync(long before, CancellationToken cancellationToken) => _rows.AskAsync("DELETE FROM answer WHERE stream = $1 AND at < $2", [before], cancellationToken);

    private async Task<Answerable?> FindAsync(string condition, object[] parameters, CancellationToken cancellationToken) =>
        await _rows.RowAsync($"SELECT link, message FROM answer WHERE stream = $1 AND {condition} ORDER BY at DESC LIMIT 1", parameters, cancellationToken) is [string link, string message]
            ? new Answerable(link, JsonSerializer.Deserialize<Message>(message)!) : null;
}
