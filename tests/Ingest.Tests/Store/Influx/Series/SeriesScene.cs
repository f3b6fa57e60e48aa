using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx.Series;

/// <summary>A log on the disk, the rules' runner behind it, and the writers of the series before a gate to a real influxd. Log time goes by hand, from a full hour on.</summary>
internal sealed class SeriesScene : IAsyncDisposable
{
    /// <summary>2026-09-21T14:00:00Z.</summary>
    public const long Zero = 1_789_999_200_000;

    public static readonly string[] OfTheLog = ["alarm", "device_state", "street_state", "district_state", "operator_load"];

    private const string Pump = """
        family: pump
        title: {en: Pump, zh: 泵}
        heartbeat: 10m
        lateness: 24h
        rationalised: {by: shipped default, on: null}
        channels:
          level: {unit: m, plausible: 0..12, every: 10s, title: {en: Level, zh: 水位}}
          run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
          command.{pump}: {bool: true, every: 10s, title: {en: Command, zh: 指令}}
          cover: {states: [closed, open], on_change: any, title: {en: Cover, zh: 井盖}}
          temperature: {unit: Cel, plausible: -20..90, every: 10s, title: {en: Temperature, zh: 温度}}
        settings:
          high: {unit: m, default: 2, min: 0, max: 12, title: {en: High, zh: 高}}
        rules:
          level_high:
            title: {en: Level high, zh: 水位高}
            watch: level
            ladder:
              - {above: high, severity: high}
              - {name: very_high, above: high + 0.6 m, severity: critical}
            deadband: 0.2 m
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          not_started:
            each: pump
            title: {en: Not started, zh: 未启动}
            when: command && !run
            latched: true
            severity: high
            consequence: road closed
            respond_in: 10m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          cover_open:
            title: {en: Cover open, zh: 井盖打开}
            when: cover == open
            severity: medium
            consequence: life
            respond_in: 5m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
          hot:
            kind: event
            title: {en: Hot, zh: 高温}
            when: temperature > 50 Cel
            severity: low
            source: engineering default
          offline:
            title: {en: Offline, zh: 离线}
            when: silent
            kind: ticket
            severity: low
            consequence: damage
            respond_in: 30m
            who: crew
            action: {en: Phone the crew., zh: 致电班组。}
            source: engineering default
        """;

    private readonly TempDirectory _directory = new();
    private readonly Influxd _server;
    private readonly string _influx;
    private readonly bool _oneBucket;
    private readonly FakeTimeProvider _logTime = new(DateTimeOffset.FromUnixTimeMilliseconds(Zero));
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Zero));
    private DurableLog _log = null!;
    private RulesRunner _rules = null!;
    private Progress _progress = null!;
    private MinuteSeries _minutes = null!;
    private JournalSeries _journal = null!;
    private MinuteSender _sender = null!;
    private ServiceSeries _service = null!;

    private SeriesScene(Influxd server, string influx, bool oneBucket) => (_server, _influx, _oneBucket) = (server, influx, oneBucket);

    public InfluxGate Gate { get; private set; } = null!;

    public StateDatabase Database { get; private set; } = null!;

    public RulesRunner Rules => _rules;

    public IReadOnlyList<SeriesWriter> Writers => [_journal, _sender, _service];

    public long LogTime => _logTime.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<SeriesScene> StartAsync(Influxd server, string influx, bool oneBucket = false)
    {
        var scene = new SeriesScene(server, influx, oneBucket) { Gate = await InfluxGate.StartAsync(server.Url) };
        await scene.MakePolicyAsync();
        await scene.OpenAsync();
        await scene.AddAsync(new ServiceStartedEntry("test"));
        var family = FamilyReader.Read("pump.yaml", Pump.ReplaceLineEndings("\n"));
        Assert.Empty(family.Errors);
        await scene.AddAsync(new FamilyEntry("pump", Pump.ReplaceLineEndings("\n"), family.Family!.Hash));
        foreach (var (file, text) in FamilySet.ShippedFiles().Where(file => file.File is "gateway.yaml" or "system.yaml" or "area.yaml"))
            await scene.AddAsync(new FamilyEntry(Path.GetFileNameWithoutExtension(file), text, "shipped"));
        return scene;
    }

    /// <summary>A policy of their own, as <c>store init</c> makes it.</summary>
    public Task MakePolicyAsync() => _server.QueryAsync($"CREATE RETENTION POLICY \"alarms\" ON \"{_influx}\" DURATION INF REPLICATION 1", null);

    public async Task AddAsync(LogEntry entry)
    {
        var batch = new EntryBatch();
        batch.Add(entry);
        await _progress.RulesAsync(await await _log.AppendAsync(batch, CancellationToken.None), CancellationToken.None);
    }

    public Task RegisterAsync(string device, string? district = "Yuexiu", string? street = "南京路", double? latitude = 23.1) => AddAsync(new DeviceEntry(
        new Device { Id = device, Family = "pump", Gateway = "gw", District = district, Street = street, Latitude = latitude, Longitude = latitude is null ? null : 113.25 }, "test"));

    /// <param name="values"><c>level=2.3 run.1=true cover=open</c>.</param>
    /// <param name="ago">Seconds of event time before now.</param>
    public Task ReadAsync(string device, string values, double ago = 0)
    {
        var at = LogTime - (long)(ago * 1000);
        return AddAsync(new ReadingEntry(new Reading { Gateway = "gw", Family = "pump", Device = device, SentTime = at, EventTime = at, Values = [.. values.Split(' ').Select(Value)] }));
    }

    /// <summary>Ticks, five seconds apart at most, until so many seconds have passed.</summary>
    public async Task PassAsync(double seconds)
    {
        for (var left = seconds; left > 0; left -= 5)
        {
            _logTime.Advance(TimeSpan.FromSeconds(Math.Min(5, left)));
            await AddAsync(new TickEntry());
        }
    }

    /// <summary>An hour in which no tick was written.</summary>
    public async Task StrideAsync()
    {
        _logTime.Advance(TimeSpan.FromHours(1));
        await AddAsync(new TickEntry());
    }

    /// <summary>On the newest alarm of the rule.</summary>
    public Task ActAsync(string action, string rule, string device = "ps-1", double? forSeconds = null) => AddAsync(new ActionEntry
    {
        Action = action,
        Alarm = Database.Journal(1).Last(row => row.Alarm.Rule == rule && row.Alarm.Device == device).Alarm.Id,
        By = "Li",
        Second = "Wang",
        Reason = "seen to",
        CheckedOnSite = true,
        Until = forSeconds is { } seconds ? LogTime + (long)(seconds * 1000) : null,
    });

    /// <summary>What the projections hold stands in the database.</summary>
    public Task CaughtUpAsync() => EventuallyAsync(
        "series caught up", () => _journal.Position >= Database.Position && _journal.Behind == 0 && Database.Minutes(_minutes.Sent, 1).Count == 0 && _service.Behind == 0);

    /// <summary>The writers' own time passes.</summary>
    public Task EventuallyAsync(string what, Func<bool> condition) => Wait.ForAsync(
        what,
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult((Met: condition(), _journal.Position, Database.Applied, Waiting: Database.MinuteLines, Gate.Requests));
        },
        seen => seen.Met);

    /// <summary>The writers' own time passes while log time stands still.</summary>
    public void Elapse(TimeSpan time) => _time.Advance(time);

    /// <summary>The process ends and another begins.</summary>
    /// <param name="replay">From the log's first entry, as after a damaged checkpoint.</param>
    public async Task RestartAsync(bool replay = false)
    {
        await CloseAsync();
        if (replay)
            File.Delete(_directory.File("checkpoint"));
        await OpenAsync();
    }

    /// <summary>Every point of a measurement: its time in seconds since <see cref="Zero"/>, then its tags and fields by name.</summary>
    public async Task<List<(double Time, Dictionary<string, JsonElement> Values)>> PointsAsync(string measurement)
    {
        var answer = await _server.QueryAsync($"SELECT * FROM {From(measurement)}", _influx);
        if (!answer.GetProperty("results")[0].TryGetProperty("series", out var series))
            return [];
        var columns = series[0].GetProperty("columns").EnumerateArray().Select(column => column.GetString()!).ToArray();
        return
        [
            .. series[0].GetProperty("values").EnumerateArray().Select(row => (
                ((row[0].GetInt64() / 1_000_000) - Zero) / 1000.0,
                columns.Zip(row.EnumerateArray()).Skip(1).Where(pair => pair.Second.ValueKind != JsonValueKind.Null).ToDictionary(pair => pair.First, pair => pair.Second))),
        ];
    }

    /// <summary>Each point as <c>12 ps-1 2 1</c>: seconds, then what is asked for; <c>-</c> for what it has not.</summary>
    public async Task<string[]> LookAsync(string measurement, params string[] names) =>
        [.. (await PointsAsync(measurement)).Select(point => string.Join(' ', [point.Time.ToString(CultureInfo.InvariantCulture), .. names.Select(name => point.Values.TryGetValue(name, out var value) ? value.ToString() : "-")]))];

    public async Task<string> AllAsync()
    {
        var all = new List<string>();
        foreach (var measurement in OfTheLog)
            all.AddRange((await _server.RowsAsync($"SELECT * FROM {From(measurement)}", _influx)).Select(row => measurement + ' ' + string.Join(',', row)));
        return string.Join('\n', all);
    }

    public List<DeadLetterEntry> DeadLetters()
    {
        using var reader = _log.OpenReader("", 1);
        var entries = new List<LogEntry>();
        while (reader.Read(entries, 1000) > 0)
        {
        }
        return [.. entries.OfType<DeadLetterEntry>()];
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Gate.DisposeAsync();
        _directory.Dispose();
    }

    private async Task OpenAsync()
    {
        _log = DurableLog.Open(_directory.File("log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(_logTime), NullLogger.Instance);
        Database = StateDatabase.Open(_directory.File("state.db"));
        var book = new AlarmBook(Database);
        var directory = new DeviceDirectory();
        var families = new FamilyCatalog(FamilySet.Shipped().All.Where(family => family.Name is "gateway" or "area" or "system").Append(FamilyReader.Read("pump.yaml", Pump.ReplaceLineEndings("\n")).Family!));
        var load = new OperatorLoad(new LoadLedger(), book);
        var (stats, places) = (new Stats(), new PlaceHistory(directory));
        _progress = new Progress();
        _minutes = new MinuteSeries(load, enabled: true);
        _rules = new RulesRunner(
            _log, Database, book, new AlarmFeed(), new ReadingFeed(), directory, new CalendarDirectory(), new PositionDirectory(), new Verdicts(), places, families, load, _minutes, stats, _progress,
            new Checkpoint(_directory.File("checkpoint"), NullLogger<Checkpoint>.Instance), new ServiceOptions(), NullLogger<RulesRunner>.Instance);
        _rules.Replay();
        await _rules.StartAsync(CancellationToken.None);

        var options = InfluxdFixture.Options(Gate.Url, _influx, _server.TokenFile) with { MaxLines = 50, AlarmsBucket = _oneBucket ? null : $"{_influx}/alarms" };
        var logId = LogId.Of(_directory.File("log"));
        _journal = new JournalSeries(options, Database, directory, families, logId, Refused(), _time, NullLogger<JournalSeries>.Instance);
        _sender = new MinuteSender(options, Database, _minutes, logId, Refused(), _time, NullLogger<MinuteSender>.Instance);
        var figures = new ServiceFigures(
            new StatsReader(stats, _log, _log, _progress, Database, new ServiceOptions(), _time), _log, book, families, directory, _rules, new ServiceOptions(), logId, _time);
        _service = new ServiceSeries(options, figures, logId, Refused(), _time, NullLogger<ServiceSeries>.Instance);
        foreach (var writer in Writers)
            await writer.StartAsync(CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        foreach (var writer in Writers)
        {
            await writer.StopAsync(CancellationToken.None);
            writer.Dispose();
        }
        await _rules.StopAsync(CancellationToken.None);
        _rules.Dispose();
        Database.Dispose();
        await _log.DisposeAsync();
    }

    private string From(string measurement) => !_oneBucket && OfTheLog.Contains(measurement) ? $"\"alarms\".\"{measurement}\"" : $"\"{measurement}\"";

    private RefusedLines Refused() => new(
        (entries, cancellationToken) =>
        {
            var batch = new EntryBatch();
            foreach (var entry in entries)
                batch.Add(entry);
            return _log.AppendAsync(batch, cancellationToken);
        },
        NullLogger.Instance);

    private static ChannelValue Value(string text)
    {
        var (channel, value) = (text[..text.IndexOf('=', StringComparison.Ordinal)], text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        if (value is "true" or "false")
            return new ChannelValue(channel, ValueKind.Boolean, value == "true" ? 1 : 0, null, Quality.Good);
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new ChannelValue(channel, ValueKind.Number, number, null, Quality.Good)
            : new ChannelValue(channel, ValueKind.State, 0, value, Quality.Good);
    }
}
