using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.State;

/// <summary>Who reads the table of dead letters beside the rules: at a cost in proportion, and without harm where it fails.</summary>
public class DeadLetterReadersTests
{
    [Fact]
    public void A_long_list_is_read_page_by_page()
    {
        using var directory = new TempDirectory();
        using var database = StateDatabase.Open(directory.File("state.db"));
        database.Apply(new ProjectionBatch(350, [], [], [.. Enumerable.Range(1, 350).Select(i => new DeadLetterEntry { Position = i, Time = i, Topic = "up", Reason = "malformed", Detail = "x", Payload = new byte[64 << 10] })]));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(350, DeadLetterRoutes.Pages(database, new DeadLetterFilter(), 100_000, long.MaxValue).First().Letter.Position);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 10 << 20, $"{allocated >> 20} MiB to see the first one");
        Assert.Equal(Enumerable.Range(1, 350).Select(i => 351L - i), DeadLetterRoutes.Pages(database, new DeadLetterFilter(), 100_000, long.MaxValue).Select(kept => kept.Letter.Position));
        Assert.Equal(Enumerable.Range(0, 150).Select(i => 299L - i), DeadLetterRoutes.Pages(database, new DeadLetterFilter(), 150, 300).Select(kept => kept.Letter.Position));
    }

    [Fact]
    public async Task A_failure_while_adopted_devices_are_looked_for_is_logged_and_stops_nothing()
    {
        using var directory = new TempDirectory();
        using var database = StateDatabase.Open(directory.File("state.db"));
        using (var connection = new SqliteConnection($"Data Source={directory.File("state.db")};Pooling=False"))
        {
            connection.Open();
            using var drop = connection.CreateCommand();
            drop.CommandText = "DROP TABLE dead_letters";
            drop.ExecuteNonQuery();
        }
        using var lines = new LogLines();
        using var adopted = new AdoptedLetters(database, new DeviceDirectory(), null!, new Logger<AdoptedLetters>(lines));
        for (var i = 0; i < 100; i++)
            adopted.Look();

        await adopted.StartAsync(TestContext.Current.CancellationToken);
        // One for the start, one for all that was asked for.
        await Wait.ForAsync("two tries", () => Task.FromResult(lines.All.Count), count => count >= 2);
        await adopted.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, lines.All.Count);
        Assert.True(adopted.ExecuteTask!.IsCompletedSuccessfully);
    }
}
