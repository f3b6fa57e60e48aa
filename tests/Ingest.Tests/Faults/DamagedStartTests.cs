using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Tests.Determinism;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>A start on damaged files says what is damaged and what became of it, keeps what is good, and never begins empty in silence.</summary>
public sealed class DamagedStartTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _folder = new();
    private readonly LogBench.RecordedLogger _logger = new();

    private string State => _folder.File("state.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Damage.Begin)]
    [InlineData(Damage.Page)]
    [InlineData(Damage.Half)]
    [InlineData(Damage.Text)]
    public async Task A_damaged_register_is_put_aside_and_made_anew_with_the_same_journal(string damage)
    {
        var (journal, register) = await LiveAsync();
        Damage.Do(damage, State);
        await using (var service = VirtualService.Open(_folder.Path, Start.AddHours(1)))
        {
            service.Judge(_logger);
            Assert.Equal(journal, service.Journal());
        }
        Assert.Equal(register, Register());
        Assert.True(File.Exists(State + ".damaged-1"));
        Assert.Contains(_logger.Lines, line => line.StartsWith($"{State} is damaged (", StringComparison.Ordinal) && line.Contains($"was put aside as {State}.damaged-1; register, alarms, journal", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Damage.Empty)]
    [InlineData("gone")]
    public async Task A_register_that_is_gone_is_made_anew_with_the_same_journal(string damage)
    {
        var (journal, register) = await LiveAsync();
        if (damage == "gone")
            File.Delete(State);
        else
            Damage.Do(damage, State);
        await using (var service = VirtualService.Open(_folder.Path, Start.AddHours(1)))
        {
            service.Judge(_logger);
            Assert.Equal(journal, service.Journal());
        }
        Assert.Equal(register, Register());
    }

    [Fact]
    public async Task A_log_that_is_gone_is_refused_where_the_register_knows_that_there_was_one()
    {
        await LiveAsync();
        Directory.Delete(_folder.File("log"), recursive: true);
        await using var service = VirtualService.Open(_folder.Path, Start.AddHours(1));
        var error = Assert.Throws<InvalidDataException>(() => service.Judge(_logger));
        Assert.Contains("but the log is empty: its end is lost", error.Message, StringComparison.Ordinal);
        Assert.Contains("Restore a backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_without_its_end_is_refused_by_the_checkpoint_alone()
    {
        await LiveAsync();
        File.Delete(State);
        Directory.Delete(_folder.File("log"), recursive: true);
        await using var service = VirtualService.Open(_folder.Path, Start.AddHours(1));
        Assert.Contains(_folder.File("checkpoint") + " follows the log up to position", Assert.Throws<InvalidDataException>(() => service.Judge(_logger)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Damage.Begin)]
    [InlineData(Damage.Half)]
    [InlineData(Damage.Empty)]
    [InlineData("gone")]
    [InlineData("directory")]
    public async Task Without_a_usable_checkpoint_the_log_is_replayed_to_the_same_journal(string damage)
    {
        var (journal, register) = await LiveAsync();
        var checkpoint = _folder.File("checkpoint");
        Assert.True(File.Exists(checkpoint));
        if (damage is "gone" or "directory")
            File.Delete(checkpoint);
        else
            Damage.Do(damage, checkpoint);
        if (damage == "directory")
            Directory.CreateDirectory(checkpoint);
        await using var service = VirtualService.Open(_folder.Path, Start.AddHours(1));
        service.Judge(_logger);
        Assert.Equal(journal, service.Journal());
        Assert.Equal(register, Register());
    }

    [Fact]
    public async Task A_register_made_anew_has_the_devices_of_before_the_logs_first_entry()
    {
        var time = new FakeTimeProvider(Start);
        var family = FamilySet.Shipped().Find("drainage_pump")!;
        await using (var log = DurableLog.Open(_folder.File("log"), LogBench.Small with { Keep = TimeSpan.FromHours(1) }, new FileSystem(), new LogClock(time), NullLogger.Instance))
        {
            await LogBench.Append(log, new FamilyEntry(family.Name, family.Text, family.Hash), new DeviceEntry(new Device { Id = "ps-1", Family = "drainage_pump", State = "live", District = "harbour" }, "chen"));
            for (var i = 1; i <= 60; i++)
                await LogBench.Append(log, LogBench.Reading(i, padding: 2_000));
            log.HoldBack(long.MaxValue);
            await Wait.ForAsync("retention", () =>
            {
                time.Advance(TimeSpan.FromHours(1));
                return log.First > 2;
            });
        }
        await using (var service = VirtualService.Open(_folder.Path, time.GetUtcNow()))
            service.Judge();
        using var database = StateDatabase.Open(State);
        Assert.Equal("harbour", database.Devices().Single(device => device.Id == "ps-1").District);
        Assert.Equal(family.Hash, database.FamilyVersions("drainage_pump").Single().Hash);
    }

    [Theory]
    [InlineData(Damage.Begin)]
    [InlineData(Damage.Page)]
    [InlineData(Damage.Half)]
    [InlineData(Damage.Text)]
    public async Task A_damaged_store_of_series_is_put_aside_and_filled_anew(string damage)
    {
        var path = _folder.File("series.duckdb");
        await using (var store = new DuckDbStore(path))
        {
            await store.OpenAsync(TestContext.Current.CancellationToken);
            await store.WriteAsync([.. Enumerable.Range(0, 50_000).Select(i => new Point { Family = "f", Device = $"d{i}", Channel = "c", Time = i, ReceivedTime = i, Kind = ValueKind.Number, Number = i, Quality = Quality.Good })], 7, TestContext.Current.CancellationToken);
        }
        Damage.Do(damage, path);
        await using var again = new DuckDbStore(path, logger: _logger);
        await again.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, again.Position);
        Assert.Contains(_logger.Lines, line => line.Contains($"was put aside as {path}.damaged-1; it is filled anew", StringComparison.Ordinal));
        await again.WriteAsync([], 1, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(Damage.Begin)]
    [InlineData(Damage.Page)]
    [InlineData(Damage.Text)]
    public void A_damaged_outbox_is_put_aside_and_whoever_must_be_told_is_told_once_more(string damage)
    {
        var path = _folder.File("notify.db");
        using (var outbox = OutboxDatabase.Open(path))
            outbox.Commit("log", 5, [], []);
        Damage.Do(damage, path);
        using var again = OutboxDatabase.Open(path, _logger);
        Assert.Null(again.PositionIn("log"));
        Assert.True(File.Exists(path + ".damaged-1"));
        Assert.Contains(_logger.Lines, line => line.Contains("what stands and nobody has accepted is told once more", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_in_the_place_of_a_segment_is_not_overlooked()
    {
        Directory.CreateDirectory(_folder.File("log/00000000000000000001.log"));
        var error = Assert.ThrowsAny<Exception>(() => DurableLog.Open(_folder.File("log"), new LogOptions(), new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance));
        Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
        Assert.Contains("00000000000000000001.log", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_segment_that_is_gone_is_said_so()
    {
        var bench = new LogBench();
        await using (var log = bench.Open())
        {
            for (var i = 1; i <= 60; i++)
                await LogBench.Append(log, LogBench.Reading(i, padding: 2_000));
        }
        bench.Disk.Delete(bench.Segments[0]);
        await using var again = bench.Open();
        Assert.Contains(bench.Logger.Lines, line => line.Contains($"what stood before position {again.First} is gone, and it was not retention", StringComparison.Ordinal));
    }

    /// <summary>Lives for three minutes, with an alarm raised and cleared.</summary>
    private async Task<(string Journal, string Register)> LiveAsync()
    {
        string journal;
        Device[] devices = [.. Enumerable.Range(0, 60).Select(i => new Device { Id = $"gas-{i}", Family = "gas_valve", State = "live", Gateway = "gw", District = "harbour" })];
        await using (var service = await VirtualService.BeginAsync(_folder.Path, Start, devices))
        {
            for (var second = 1; second <= 180; second++)
            {
                service.Pass(Start.AddSeconds(second));
                if (second % 20 == 0)
                    service.Receive("telemetry/v1/gw/gas_valve/gas-1", System.Text.Encoding.UTF8.GetBytes($$$"""{"seq":{{{second}}},"values":{"gas_alarm_state":"{{{(second % 40 == 0 ? "high" : "normal")}}}"}}"""));
                await service.TickAsync();
            }
            service.Judge();
            journal = service.Journal();
        }
        Assert.Contains("\"rule\":\"leak_high\"", journal, StringComparison.Ordinal);
        return (journal, Register());
    }

    private string Register()
    {
        using var database = StateDatabase.Open(State);
        return string.Join('\n', database.Devices().Select(device => System.Text.Json.JsonSerializer.Serialize(device))) + string.Join('\n', database.OpenAlarms().Select(alarm => alarm.Id));
    }
}
