using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>The session that one owner after the other goes on with, in PostgreSQL: broker, client id, then the filters, a line each.</summary>
internal sealed class SharedSessionMemory(KeptTable kept, ExternalOptions options) : ISessionMemory
{
    private const string Name = "broker-session";

    private string[]? _known;

    public async Task<IReadOnlyList<string>?> FiltersAsync(CancellationToken cancellationToken)
    {
        try
        {
            _known = (await kept.ReadAsync(Name, cancellationToken))?.Split('\n');
        }
        catch (IOException)
        {
            // As this node knew it last: nobody else has been the owner while PostgreSQL was away.
        }
        return _known is [var address, var clientId, .. var filters] && address == options.Address && clientId == options.ClientId ? filters : null;
    }

    public Task RememberAsync(IReadOnlyList<string>? filters, CancellationToken cancellationToken)
    {
        _known = filters is null ? null : [options.Address, options.ClientId, .. filters];
        return kept.WriteAsync(Name, _known is null ? null : string.Join('\n', _known), cancellationToken);
    }
}
