using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Proof;

/// <summary>
/// The tests of channels, on this disk with their messages; in a cluster a copy of those that all nodes share, so that the owner sends them whoever made them, and any node hears the
/// answer. Any thread.
/// </summary>
internal sealed class ProofBook
{
    // Longer than a week, of which the last test counts.
    private static readonly long Remembered = 5 * LocalTime.Week;

    private readonly OutboxDatabase _outbox;
    private readonly SharedList? _shared;
    private readonly TimeProvider _time;

    /// <param name="shared">Null where this is the only node.</param>
    public ProofBook(OutboxDatabase outbox, SharedList? shared, TimeProvider time)
    {
        (_outbox, _shared, _time) = (outbox, shared, time);
        shared?.Copy(() => [.. outbox.Proofs().Select(RowOf)], Take);
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ChannelProof> All => _outbox.Proofs();

    /// <summary>What the other nodes have made or heard can't be known for now.</summary>
    public bool IsAway => _shared is { IsAway: true };

    /// <summary>Null where there is none of this id, at no node.</summary>
    public async Task<ChannelProof?> FindAsync(string id)
    {
        if (Find() is null && _shared is not null)
            await _shared.RefreshAsync();
        return Find();

        ChannelProof? Find() => All.FirstOrDefault(proof => proof.Id == id);
    }

    /// <inheritdoc cref="OutboxDatabase.FreeProofCode"/>
    public string FreeCode(string person, long at) => _outbox.FreeProofCode(person, at);

    /// <summary>Adds tests, and their messages.</summary>
    /// <param name="make">Called while no other node adds any.</param>
    /// <exception cref="IOException">They can't be stored, or PostgreSQL does not answer: nothing was sent.</exception>
    public async Task<IReadOnlyList<ChannelProof>> AddAsync(Func<IReadOnlyList<ChannelProof>> make, CancellationToken cancellationToken)
    {
        if (_shared is null)
        {
            var here = make();
            _outbox.AddProofs(here, [.. here.Select(MessageOf)]);
            return here;
        }
        await using var turn = await _shared.TurnAsync(cancellationToken);
        var proofs = make();
        if (proofs.Count > 0)
            await turn.WriteAsync([.. proofs.Select(RowOf)]);
        return proofs;
    }

    /// <summary>It has arrived. Who was first stays.</summary>
    /// <returns>As it stands then.</returns>
    public ChannelProof Confirm(ChannelProof proof, string by, long at)
    {
        var confirmed = _outbox.Confirm(proof, by, at);
        _shared?.Put(RowOf(confirmed));
        return confirmed;
    }

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    public Task FollowAsync(CancellationToken cancellationToken) => _shared?.FollowAsync(cancellationToken) ?? Task.CompletedTask;

    private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
    {
        foreach (var proof in rows.Where(row => row.Value is not null).Select(ProofOf).OfType<ChannelProof>())
        {
            // Of what is over whoever was away tells nobody.
            var isOpen = proof.ConfirmedAt is null && !proof.IsOverdue(_time.GetUtcNow().ToUnixTimeMilliseconds());
            _outbox.AddProofs([proof], isOpen ? [MessageOf(proof)] : []);
            if (proof is { ConfirmedAt: { } at, ConfirmedBy: { } by })
                _outbox.Confirm(proof with { ConfirmedAt = null }, by, at);
        }
    }

    // By this way alone: another one would prove nothing of it.
    private static OutboxMessage MessageOf(ChannelProof proof) => new(
        new Message(proof.Key, proof.Person, false, MessageKind.Proof, false, [ChannelReader.Words[proof.Channel]], [], proof.At) { ProofCode = proof.Code }, proof.Name, [(OutboxDatabase.Recipient, [proof.Channel])]);

    private static SharedRow RowOf(ChannelProof proof) => new(proof.Id, JsonSerializer.Serialize(proof), Ends: proof.At + Remembered);

    // One that this version does not understand is not known here.
    private static ChannelProof? ProofOf(SharedRow row)
    {
        try
        {
            var proof = JsonSerializer.Deserialize<ChannelProof>(row.Value!);
            return proof is { Channel: not null, Person: not null, Name: not null, Code: not null, Key: not null } && proof.Id == row.Key && ChannelReader.Words.ContainsKey(proof.Channel) ? proof : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
