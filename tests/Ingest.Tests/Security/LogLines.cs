using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>What the service would have written to its log, line by line.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> All => _lines;

    /// <summary>Called with each line, by whoever writes it.</summary>
    public Action<string>? Written { get; set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel} {formatter(state, exception)} {exception}".TrimEnd();
        _lines.Enqueue(line);
        Written?.Invoke(line);
    }

    public void Dispose()
    {
    }
}
