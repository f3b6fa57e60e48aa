using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>A log that others read while its service writes on.</summary>
public sealed class BesideTheWriterTests
{
    [Fact]
    public async Task A_group_that_is_finished_while_the_end_is_looked_for_is_no_damage()
    {
        using var directory = new TempDirectory();
        await using (var log = DurableLog.Open(directory.Path, new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance))
        {
            for (var i = 0; i < 3; i++)
                await Append(log, Reading(i));
        }
        using var reader = DurableLog.OpenReadOnly(directory.Path, new WrappedFiles(file => new OvertakenFile(file)));
        var entries = new List<LogEntry>();
        reader.Read(entries, 100);
        Assert.Equal([0, 1, 2], Sequences(entries));
    }

    /// <summary>The last bytes were not there yet when it was read for the first time.</summary>
    private sealed class OvertakenFile(ILogFile file) : WrappedFile(file)
    {
        private bool _isRead;

        public override int Read(long offset, Span<byte> into)
        {
            var read = base.Read(offset, into);
            if (into.Length < 1 << 20 || _isRead)
                return read;
            _isRead = true;
            into[(into[..read].LastIndexOfAnyExcept((byte)0) - 10)..read].Clear();
            return read;
        }
    }
}
