using Telemetry.Ingest.Gateways;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>Tells the log what is wrong now as one alarm of the service: raised anew when another thing goes wrong, over when nothing is. For one caller at a time.</summary>
/// <param name="another">Said where it ends because another thing went wrong.</param>
/// <param name="over">Said where nothing is wrong any more.</param>
/// <param name="stands">The alarm's condition holds, as the log has it at start.</param>
internal sealed partial class SystemAlarm(string rule, string another, string over, AppendEntries append, bool stands, ILogger logger)
{
    private bool _stands = stands;

    // What the alarm speaks of.
    private IReadOnlyCollection<string> _said = [];

    /// <summary>Takes over what it spoke of when the process ended.</summary>
    public void Restore(IReadOnlyCollection<string> said) => _said = _stands ? [.. said] : [];

    /// <param name="wrong">What, and why; in order.</param>
    public async Task SayAsync(IReadOnlyDictionary<string, string> wrong, CancellationToken cancellationToken)
    {
        var entries = new List<LogEntry>();
        var isNews = wrong.Keys.Any(what => !_said.Contains(what));
        if (_stands && (isNews || wrong.Count == 0))
            entries.Add(new SystemEntry(rule, false, wrong.Count == 0 ? over : another));
        if (isNews)
            entries.Add(new SystemEntry(rule, true, string.Join("; ", wrong.Select(pair => $"{pair.Key}: {pair.Value}"))));
        try
        {
            if (entries.Count > 0)
                await append(entries, cancellationToken);
            (_stands, _said) = (wrong.Count > 0, [.. wrong.Keys]);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Said again at the next look.
            LogNotSaid(rule, error);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Rule} could not be appended to the log")]
    private partial void LogNotSaid(string rule, Exception error);
}
