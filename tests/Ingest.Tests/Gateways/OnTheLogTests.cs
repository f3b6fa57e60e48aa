using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways;

public class OnTheLogTests
{
    [Fact]
    public async Task What_is_acknowledged_stands_in_the_log_when_it_is_opened_again()
    {
        var directory = Directory.CreateTempSubdirectory("gateways-").FullName;
        try
        {
            await using (var log = Open(directory))
            await using (var broker = await TestBroker.StartAsync(new LogAppender(log).AppendAsync))
            {
                using var client = broker.Raw();
                await client.ConnectAsync("c");
                for (var i = 0; i < 20; i++)
                {
                    await client.SendAsync([.. Enumerable.Range(1, 100).Select(id => client.Publish(id % 3, (ushort)id, RawClient.Value(i * 100 + id)))]);
                    for (var id = 1; id <= 100; id++)
                    {
                        if (id % 3 > 0)
                            Assert.Equal(id, await client.ReceiveIdAsync(id % 3 == 1 ? RawClient.PubAck : RawClient.PubRec));
                    }
                    await client.SendAsync([.. Enumerable.Range(1, 100).Where(id => id % 3 == 2).Select(id => RawClient.Release((ushort)id))]);
                    for (var id = 2; id <= 100; id += 3)
                        Assert.Equal(id, await client.ReceiveIdAsync(RawClient.PubComp));
                }
            }

            await using var again = Open(directory);
            using var reader = again.OpenReader("test", 1);
            var entries = new List<LogEntry>();
            while (reader.Read(entries, 1000) > 0)
            {
            }
            Assert.Equal(Enumerable.Range(1, 2000).Select(i => (double)i), entries.OfType<ReadingEntry>().Select(e => e.Reading.Values[0].Number));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static DurableLog Open(string directory) =>
        DurableLog.Open(directory, new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
}
