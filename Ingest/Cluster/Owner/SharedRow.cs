namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>One of a list that all nodes share.</summary>
/// <param name="Value">Null once it was removed.</param>
/// <param name="Noted">The last use, in a unit of the list's own; 0 for none. It is noted without touching the value, and the greatest stands.</param>
/// <param name="Ends">Unix ms from which on nobody misses the row; null for never.</param>
public sealed record SharedRow(string Key, string? Value, long Noted = 0, long? Ends = null);

/// <summary>The lists that all nodes share.</summary>
/// <param name="People">Accounts and the tokens that people have made.</param>
/// <param name="Sessions">Logins of browsers.</param>
/// <param name="Browsers">Those that persons have subscribed, to be told there.</param>
/// <param name="Proofs">Tests of the channels of critical alarms.</param>
/// <param name="Codes">Sent to second persons, who agree by them to hiding what is critical.</param>
/// <param name="Proposals">Changed rules that wait for a second person.</param>
/// <param name="Backtests">The last ones, and how far they are.</param>
/// <param name="BacktestResults">What they found.</param>
/// <param name="Node">This one's name.</param>
/// <param name="Position">Up to where this node has heard the log.</param>
public sealed record SharedLists(
    SharedList People, SharedList Sessions, SharedList Browsers, SharedList Proofs, SharedList Codes, SharedList Proposals, SharedList Backtests, BacktestTable BacktestResults, string Node, Func<long> Position) : IDisposable
{
    public void Dispose()
    {
        People.Dispose();
        Sessions.Dispose();
        Browsers.Dispose();
        Proofs.Dispose();
        Codes.Dispose();
        Proposals.Dispose();
        Backtests.Dispose();
    }
}
