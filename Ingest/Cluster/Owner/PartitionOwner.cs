using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Storage;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// Saves its state under the storage's ETag, again and again: as long as that succeeds, the process that it lives in is the owner. One whose save is refused has a
/// successor and stops at once; one that cannot save goes on as <see cref="OwnerBeacon"/> lets it, and leaves this state after 20 s to whichever node reaches PostgreSQL.
/// </summary>
[PreferLocalPlacement]
internal sealed partial class PartitionOwner(
    [PersistentState("owner", OwnerSilo.Storage)] IPersistentState<OwnerState> state, OwnerNode node, IClusterMembershipService members, ILocalSiloDetails silo, Ownership ownership, Progress progress, TimeProvider time,
    ILogger<PartitionOwner> logger) : Grain, IPartitionOwner
{
    /// <summary>Between two saves.</summary>
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);

    // Of an outage that is over sooner nobody needs to take anything over.
    private static readonly TimeSpan LeaveAfter = TimeSpan.FromSeconds(20);

    // Calls that are under way are let end, and written down in PostgreSQL, before somebody else may make them.
    private static readonly TimeSpan LeaveWithin = ChannelSender.Grace + TimeSpan.FromSeconds(1);

    private long _claimed;
    private long _saved;
    private TimeSpan _wait;
    private bool _failing;

    public Task<string> NodeAsync() => Task.FromResult(ownership is { IsOwner: true, StandsIn: false } ? node.Name : "");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // A node that was cut off, and does not know yet that the others have gone on without it, would take the ownership from the one that has it.
        await members.Refresh(default, cancellationToken);
        if (members.CurrentSnapshot.GetSiloStatus(silo.SiloAddress) is not SiloStatus.Active and var status)
            throw new InvalidOperationException($"the others have declared this node's silo {status}: it is started anew before it can be the owner");
        var before = state.State;
        state.State = new OwnerState { Epoch = before.Epoch + 1, Node = node.Name, Run = node.Run, Since = time.GetUtcNow(), Position = progress.Rules };
        await state.WriteStateAsync(cancellationToken);
        // From now on the one before can't save any more, but it may act until its lease has ended.
        _claimed = _saved = time.GetTimestamp();
        _wait = before.Node.Length == 0 || before.Run == node.Run ? TimeSpan.Zero : Ownership.Lease;
        ownership.Claim();
        LogClaimed(state.State.Epoch, before.Node, _wait.TotalSeconds);
        this.RegisterGrainTimer(SaveAsync, TimeSpan.Zero, SaveEvery);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var acts = ownership.IsOwner;
        var leaves = !ownership.StandsIn || reason.ReasonCode == DeactivationReasonCode.ShuttingDown;
        if (!leaves)
            return;
        var left = await ownership.LeaveAsync(LeaveWithin);
        if (!acts)
            return;
        if (!left)
        {
            LogNotGivenUp("something of what it does has not ended yet");
            return;
        }
        try
        {
            // Whoever comes next need not wait.
            state.State = state.State with { Node = "" };
            await state.WriteStateAsync(cancellationToken);
        }
        catch (Exception error)
        {
            LogNotGivenUp(error.Message);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            state.State = state.State with { Position = progress.Rules };
            await state.WriteStateAsync(cancellationToken);
            if (_failing)
                LogSavesAgain(state.State.Epoch);
            _failing = false;
            _saved = began;
            if (time.GetElapsedTime(_claimed, began) >= _wait)
                ownership.Hold(began);
        }
        catch (InconsistentStateException error)
        {
            ownership.Release();
            LogFenced(state.State.Epoch, error.Message);
            DeactivateOnIdle();
        }
        catch (Exception error)
        {
            if (!_failing)
                LogNotSaved(state.State.Epoch, error.GetBaseException().Message);
            _failing = true;
            ownership.Unsaved();
            if (time.GetElapsedTime(_saved) > LeaveAfter)
                DeactivateOnIdle();
        }
    }

    [LoggerMessage(LogLevel.Information, "this node becomes the owner, epoch {Epoch}; before it was {Before}; it acts in {Wait} s")]
    private partial void LogClaimed(long epoch, string before, double wait);

    [LoggerMessage(LogLevel.Warning, "another node has become the owner after epoch {Epoch}: this one has stopped acting ({Problem})")]
    private partial void LogFenced(long epoch, string problem);

    [LoggerMessage(LogLevel.Warning, "the owner's state can't be saved in PostgreSQL, epoch {Epoch}: this node goes on as the owner for as long as it hears the stream and of no other owner ({Problem})")]
    private partial void LogNotSaved(long epoch, string problem);

    [LoggerMessage(LogLevel.Information, "the owner's state is saved again, epoch {Epoch}")]
    private partial void LogSavesAgain(long epoch);

    [LoggerMessage(LogLevel.Information, "the ownership could not be given up in order; the next owner waits for the lease's end ({Problem})")]
    private partial void LogNotGivenUp(string problem);
}
