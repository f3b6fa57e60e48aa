namespace Telemetry.Ingest.Log;

/// <summary>What need not be done on the writer's thread: the unused tails of sealed segments, indexes, readers' positions, retention.</summary>
internal sealed class Housekeeping : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly string _directory;
    private readonly long _keysReach;
    private readonly IFileSystem _files;
    private readonly CommittedPrefix _committed;
    private readonly ReaderBook _readers;
    private readonly Retention _retention;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _wake = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private readonly Task _loop;

    public Housekeeping(string directory, LogOptions options, IFileSystem files, CommittedPrefix committed, ReaderBook readers, Retention retention, TimeProvider time, ILogger logger)
    {
        (_directory, _files, _committed, _readers, _retention, _logger) = (directory, files, committed, readers, retention, logger);
        _keysReach = (long)options.KeysReach.TotalMilliseconds;
        _timer = time.CreateTimer(_ => Wake(), null, Every, Every);
        _loop = Task.Run(RunAsync);
    }

    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _loop;
        Try(_readers.Save);
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Try(_readers.Save);
            Try(FinishSealed);
            Try(WriteKeys);
            Try(_retention.Run);
            try
            {
                await _wake.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void FinishSealed()
    {
        var segments = _committed.Segments.ToArray();
        foreach (var segment in segments.AsSpan(0, Math.Max(0, segments.Length - 1)))
        {
            if (segment.Indexed || _stop.IsCancellationRequested)
                continue;
            using (var file = _files.Open(segment.Path, writable: true))
            {
                if (file.Length > segment.Used)
                    file.Truncate(segment.Used);
            }
            DeviceIndex.Write(_files, _directory, segment);
            segment.Indexed = true;
        }
    }

    // The newest first: they are asked for most.
    private void WriteKeys()
    {
        var segments = _committed.Segments.ToArray();
        for (var i = segments.Length - 2; i >= 0 && segments[i].LastTime >= segments[^1].LastTime - _keysReach && !_stop.IsCancellationRequested; i--)
        {
            var segment = segments[i];
            if (segment.Keyed)
                continue;
            try
            {
                if (KeyIndex.Open(_files, _directory, segment) is null)
                    KeyIndex.Write(_files, _directory, segment);
            }
            catch (LogDamageException damage)
            {
                // Nor will it be readable in five seconds.
                _logger.KeysNotRead(segment.Path, damage);
            }
            segment.Keyed = true;
        }
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            _logger.HousekeepingFailed(e);
        }
    }
}
