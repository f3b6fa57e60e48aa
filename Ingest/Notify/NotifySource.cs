using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify;

/// <summary>The file of <c>Notify:File</c> that is in force: read again when it, or a calendar that it names, changes; one with mistakes is refused whole.</summary>
internal sealed partial class NotifySource : BackgroundService
{
    private readonly WatchedFile<NotifyFile>? _watched;
    private readonly NotifyFile? _first;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public NotifySource(NotifyFile? first, ServiceOptions options, FamilyCatalog families, TimeProvider time, ILogger<NotifySource> logger)
    {
        (_first, _time, _logger) = (first, time, logger);
        if (options.NotifyFile is { } path && first is not null)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            // Calendars that a changed file names are looked at from then on, one that is not there yet too.
            List<string> files = [path, .. first.Calendars.Select(calendar => Path.Combine(folder, calendar))];
            _watched = new WatchedFile<NotifyFile>(files, Again, first, time, logger);

            (NotifyFile?, IReadOnlyList<string>) Again()
            {
                var (file, errors) = Read(path, options, [.. families.All], calendar =>
                {
                    if (!files.Contains(Path.Combine(folder, calendar)))
                        files.Add(Path.Combine(folder, calendar));
                });
                // What a start would refuse is refused now.
                errors = [.. errors, .. NotifyParts.Check(file, options)];
                return (errors.Count == 0 ? file : null, errors);
            }
        }
    }

    /// <summary>Null where the service tells nobody.</summary>
    public NotifyFile? Current => _watched?.Current ?? _first;

    /// <summary>The file at start, or everything that is wrong with it.</summary>
    public static (NotifyFile? File, IReadOnlyList<string> Errors) First(ServiceOptions options, IReadOnlyCollection<Family> families) =>
        options.NotifyFile is { } path ? Read(path, options, families) : (null, []);

    public static void Add(IServiceCollection services, NotifyFile? first)
    {
        services.AddSingleton(provider => new NotifySource(
            first, provider.GetRequiredService<ServiceOptions>(), provider.GetRequiredService<FamilyCatalog>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<NotifySource>>()));
        services.AddHostedService(provider => provider.GetRequiredService<NotifySource>());
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Current is { } file)
        {
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var (team, gap) in Gaps.Of(file, now, now + Gaps.Ahead))
                LogGap(team.Name, Gaps.Shown(gap));
        }
        return _watched?.RunAsync(stoppingToken) ?? Task.CompletedTask;
    }

    private static (NotifyFile?, IReadOnlyList<string>) Read(string path, ServiceOptions options, IReadOnlyCollection<Family> families, Action<string>? opens = null)
    {
        var result = NotifyFileReader.Load(path, families, [.. options.Positions.Select(position => position.Name)], opens);
        return (result.File, [.. result.Errors.Select(error => error.ToString())]);
    }

    [LoggerMessage(LogLevel.Warning, "the rota of {Team} has a gap: {Gap}")]
    private partial void LogGap(string team, string gap);
}
