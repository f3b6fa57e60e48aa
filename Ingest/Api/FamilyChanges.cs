using System.Security.Cryptography;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>A changed family file that waits for a second person.</summary>
/// <param name="Version">Of its text.</param>
/// <param name="Base">Version that it was written against; null for a new family.</param>
/// <param name="Reaches">Rules that nobody may shelve and that the change reaches.</param>
/// <param name="Time">Unix ms.</param>
public sealed record FamilyProposal(string Id, string Family, Title Title, string Text, string Version, string? Base, string By, long Time, IReadOnlyList<string> Reaches);

/// <param name="Family">Null where the file can't be read.</param>
/// <param name="Errors">Mistakes at their places in the file.</param>
/// <param name="Refusals">Why a store would not take it; asked only without errors.</param>
public sealed record FamilyCheck(Family? Family, IReadOnlyList<FamilyError> Errors, IReadOnlyList<string> Refusals)
{
    /// <summary>All of it as text; empty for a file that may be put in force.</summary>
    public IReadOnlyList<string> Messages => [.. Errors.Select(error => error.ToString()), .. Refusals];
}

/// <summary>
/// Changes of rules while the service runs: checked with all families together, refused whole, written as an entry with the full text, answered once the
/// rules have taken it up. What reaches a rule that nobody may shelve waits for a second person, at most 24 h; on one machine not over a restart.
/// </summary>
/// <param name="shared">Where changes that wait are known to all nodes; null on one machine, or without <c>Cluster:Postgres</c>.</param>
public sealed class FamilyChanges(FamilyCatalog families, StateDatabase database, ChannelTypes types, ServiceOptions options, LogWriting log, TimeProvider time, SharedLists? shared = null) : IDisposable
{
    private const int MostProposals = 20;
    private static readonly TimeSpan Waits = TimeSpan.FromHours(24);

    private readonly SharedMap<FamilyProposal> _proposals = new(shared?.Proposals, proposal => proposal.Time + (long)Waits.TotalMilliseconds, () => time.GetUtcNow().ToUnixTimeMilliseconds());
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Null where the file is in force now; else it waits.</summary>
    /// <param name="ifMatch">The ETags that the caller has seen, or <c>*</c>; null for none.</param>
    /// <exception cref="ApiException">400 with every mistake, 403 <c>scope</c>, 412 or 428 where another version is in force than the caller has seen, 409, 503.</exception>
    public async Task<FamilyProposal?> PutAsync(string name, string text, string by, Scope scope, IReadOnlyList<string>? ifMatch, CancellationToken cancellationToken)
    {
        MayChange(name, scope);
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var inForce = families.Find(name);
            CheckMatch(name, inForce, ifMatch);
            var family = await CheckedAsync(name, text, cancellationToken);
            if (inForce?.Hash == family.Hash)
                return null;
            var reaches = FamilyChange.NeverShelvedReached(inForce, family);
            if (reaches.Count > 0)
                return await ProposeAsync(new FamilyProposal(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), name, family.Title, text, family.Hash, inForce?.Hash, by, Now, reaches), cancellationToken);
            await log.WriteAsync([new FamilyEntry(name, text, family.Hash, by)], LogWriting.Patience, cancellationToken);
            return null;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Puts it in force.</summary>
    /// <exception cref="ApiException">404, 403 <c>author_approves</c> or <c>scope</c>, 409 <c>superseded</c>, 503.</exception>
    public async Task<FamilyProposal> ApproveAsync(string id, string by, Scope scope, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // Approved once, whoever else approves it at another node.
            await using var turn = await _proposals.TurnAsync(cancellationToken);
            var proposal = _proposals.Find(id) ?? throw Unknown(id);
            MayChange(proposal.Family, scope);
            if (PersonName.IsSame(proposal.By, by))
                throw new ApiException(StatusCodes.Status403Forbidden, "author_approves", $"'{by}' has written it; {string.Join(", ", proposal.Reaches)} takes a second person's approval");
            if (families.Find(proposal.Family)?.Hash != proposal.Base)
                throw ApiException.Conflict("superseded", $"another version of {proposal.Family} has been put in force since this was proposed; propose it again against that one");
            // Other families may have changed since.
            await CheckedAsync(proposal.Family, proposal.Text, cancellationToken);
            // Whoever goes away meanwhile has approved it all the same.
            await log.WriteAsync([new FamilyEntry(proposal.Family, proposal.Text, proposal.Version, proposal.By, by)], LogWriting.Patience, CancellationToken.None);
            await turn.PutAsync(id, null);
            return proposal;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<FamilyProposal> Proposals => [.. _proposals.All.OrderBy(proposal => proposal.Time).ThenBy(proposal => proposal.Id, StringComparer.Ordinal)];

    /// <exception cref="ApiException">404.</exception>
    public async Task<FamilyProposal> FindAsync(string id) => await _proposals.FindAnywhereAsync(id) ?? throw Unknown(id);

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    internal Task FollowAsync(CancellationToken cancellationToken) => _proposals.FollowAsync(cancellationToken);

    /// <summary>The versions that have been in force, newest first.</summary>
    public IReadOnlyList<FamilyEntry> Versions(string name) => database.FamilyVersions(name);

    public void Dispose()
    {
        _oneAtATime.Dispose();
        _proposals.Dispose();
    }

    // Rules hold in every district.
    private static void MayChange(string family, Scope scope)
    {
        if (!scope.SeesFamily(family))
            throw AccessGuard.OutOfScope($"the rules of {family} hold in the whole city; you see {scope}");
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static void CheckMatch(string name, Family? inForce, IReadOnlyList<string>? ifMatch)
    {
        if (ifMatch is null && inForce is null)
            return;
        if (ifMatch is null)
        {
            throw new ApiException(
                StatusCodes.Status428PreconditionRequired, "if_match_required", $"{name} is in force as \"{inForce!.Hash}\": send If-Match with the version that you have changed (the ETag of GET /api/v1/families/{name}/text), so that nobody else's change is lost");
        }
        if (inForce is null || !(ifMatch.Contains("*") || ifMatch.Contains(inForce.Hash)))
        {
            throw new ApiException(
                StatusCodes.Status412PreconditionFailed, "version_changed", inForce is null ? $"there is no family '{name}' yet; leave If-Match out" : $"\"{inForce.Hash}\" is in force by now; take it up and send your change against it")
                .With("version", inForce?.Hash ?? "");
        }
    }

    /// <summary>Judges a file together with the families in force, and changes nothing.</summary>
    public async Task<FamilyCheck> CheckAsync(string name, string text, CancellationToken cancellationToken)
    {
        var file = name + ".yaml";
        var (set, errors) = FamilySet.Load(families.All.Where(family => family.Name != name).Select(family => (family.Name + ".yaml", family.Text)).Append((file, text)));
        if (set is not null && set.Find(name) is null)
            errors = [new FamilyError(file, 1, 1, "family", $"the file is of another family; write family: {name}, as in the path")];
        if (errors.Count == 0)
            errors = await types.ChangedAsync([set!.Find(name)!], cancellationToken);
        return new FamilyCheck(set?.Find(name), errors, errors.Count == 0 ? [.. InfluxNames.Check(options.Stores, set)] : []);
    }

    private async Task<Family> CheckedAsync(string name, string text, CancellationToken cancellationToken)
    {
        var check = await CheckAsync(name, text, cancellationToken);
        if (check.Messages.Count == 0)
            return check.Family!;
        throw ApiException.BadRequest("invalid_rules", $"nothing was changed: {check.Messages.Count} mistakes, the first: {check.Messages[0]}")
            .With("errors", check.Errors.Count == 0
                ? check.Messages.Select(message => (object)new { message })
                : check.Errors.Select(error => new { error.File, error.Line, error.Column, error.Key, error.Message }));
    }

    private static ApiException Unknown(string id) =>
        ApiException.NotFound("unknown_proposal", $"no change '{id}' waits for approval; it was approved, has ended after {Waits.TotalHours:0} h, or the service was started anew: propose it again");

    /// <summary>Proposing the same once more is the same proposal.</summary>
    private async Task<FamilyProposal> ProposeAsync(FamilyProposal proposal, CancellationToken cancellationToken)
    {
        await using var turn = await _proposals.TurnAsync(cancellationToken);
        if (_proposals.All.FirstOrDefault(known => known.Family == proposal.Family && known.Version == proposal.Version && known.Base == proposal.Base && known.By == proposal.By) is { } same)
            return same;
        if (_proposals.All.Count() >= MostProposals)
            throw ApiException.Conflict("too_many_proposals", $"{MostProposals} changes wait for approval; approve them, or wait: each ends {Waits.TotalHours:0} h after it was proposed");
        await turn.PutAsync(proposal.Id, proposal);
        return proposal;
    }
}
