using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Notify.Proof;

namespace Telemetry.Ingest.State;

internal sealed partial class OutboxDatabase
{
    /// <summary>The newest first.</summary>
    public IReadOnlyList<ChannelProof> Proofs() =>
        Query("SELECT id, at, channel, person, name, asked_by, code, due_at, key, confirmed_at, confirmed_by FROM proofs ORDER BY at DESC, channel", ProofOf);

    /// <summary>Four digits that nobody can guess from the test, and that none of the recipient's messages has.</summary>
    public string FreeProofCode(string recipient, long at)
    {
        lock (_gate)
            return FreeCode(recipient, at, RandomNumberGenerator.GetInt32(Codes));
    }

    /// <summary>Tests and their messages, all or nothing. What is there already is left as it is.</summary>
    /// <exception cref="IOException">Nothing of it stands.</exception>
    public void AddProofs(IReadOnlyList<ChannelProof> proofs, IReadOnlyList<OutboxMessage> messages) => Write(transaction =>
    {
        foreach (var proof in proofs)
        {
            Run(
                transaction,
                "INSERT OR IGNORE INTO proofs (id, at, channel, person, name, asked_by, code, due_at, key) VALUES ($id, $at, $channel, $person, $name, $asked_by, $code, $due_at, $key)",
                ("$id", proof.Id), ("$at", proof.At), ("$channel", proof.Channel), ("$person", proof.Person), ("$name", proof.Name), ("$asked_by", proof.AskedBy), ("$code", proof.Code), ("$due_at", proof.DueAt), ("$key", proof.Key));
        }
        foreach (var message in messages)
            Add(transaction, message);
    });

    /// <summary>It has arrived. Who was first stays.</summary>
    /// <returns>As it stands then.</returns>
    public ChannelProof Confirm(ChannelProof proof, string by, long at)
    {
        if (proof.ConfirmedAt is null)
            Write(transaction => Run(transaction, "UPDATE proofs SET confirmed_at = $at, confirmed_by = $by WHERE id = $id AND confirmed_at IS NULL", ("$at", at), ("$by", by), ("$id", proof.Id)));
        return Proofs().First(stored => stored.Id == proof.Id);
    }

    /// <summary>What came of a message's last attempt; null before the first.</summary>
    public string? LastResult(string key) =>
        Query("SELECT result FROM attempts JOIN messages ON messages.id = attempts.message WHERE key = $key ORDER BY attempts.id DESC LIMIT 1", row => row.GetString(0), ("$key", key)).FirstOrDefault();

    private static ChannelProof ProofOf(SqliteDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), TextAt(row, 5), row.GetString(6), row.GetInt64(7), row.GetString(8))
        {
            ConfirmedAt = row.IsDBNull(9) ? null : row.GetInt64(9),
            ConfirmedBy = TextAt(row, 10),
        };
}
