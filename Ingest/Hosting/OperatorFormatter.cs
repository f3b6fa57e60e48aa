using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// One event, one line that a person can read: time (UTC), severity, part, what happened. A warning is something that was foreseen: of its
/// error the message says enough. From an error on, the stack stands beneath.
/// </summary>
internal sealed class OperatorFormatter(TimeProvider time) : ConsoleFormatter("operator")
{
    // The journal keeps the time itself, and takes the severity from the line.
    private readonly bool _inJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;
    private readonly bool _colours = !Console.IsErrorRedirected;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var (word, priority, colour) = Severity(logEntry.LogLevel);
        if (_inJournal)
            textWriter.Write($"<{priority}>");
        else
            textWriter.Write(Iso.Time(time.GetUtcNow().ToUnixTimeMilliseconds()) + " ");
        textWriter.Write(_colours && !_inJournal ? $"\u001b[{colour}m{word}\u001b[0m" : word);
        textWriter.Write($" {logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]}: {OneLine(message)}");
        if (logEntry.Exception is { } error)
        {
            if (!message.Contains(error.Message, StringComparison.Ordinal))
                textWriter.Write($": {OneLine(error.Message)}");
            if (logEntry.LogLevel >= LogLevel.Error)
                textWriter.Write("\n" + error);
        }
        textWriter.Write('\n');
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static (string Word, int Priority, string Colour) Severity(LogLevel level) => level switch
    {
        LogLevel.Critical => ("CRITICAL", 2, "1;31"),
        LogLevel.Error => ("error", 3, "31"),
        LogLevel.Warning => ("warning", 4, "33"),
        LogLevel.Information => ("info", 6, "32"),
        _ => ("debug", 7, "90"),
    };
}
