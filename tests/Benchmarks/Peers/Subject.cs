namespace Telemetry.Benchmarks.Peers;

/// <summary>What is measured, in one run. Starting it again after a stop or a kill finds what it has kept.</summary>
/// <param name="stand">Outlives it.</param>
internal abstract class Subject(Stand stand) : IAsyncDisposable
{
    protected Stand Stand => stand;

    /// <summary>Where readings are published.</summary>
    public virtual int PublishPort => stand.Broker!.Port;

    /// <summary>Of its program, whose children count too.</summary>
    public abstract int ProcessId { get; }

    /// <summary>Launches the program; one behind a broker may not have subscribed yet.</summary>
    public abstract Task StartAsync();

    /// <exception cref="InvalidOperationException">Its program has ended by itself, and said this.</exception>
    public virtual void MustLive()
    {
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public abstract Task KillAsync();

    /// <summary>SIGTERM.</summary>
    public abstract Task StopAsync();

    /// <summary>Readings that have got to the end, cheap to ask: exact once all are acknowledged. Comparable only with one another, between two starts.</summary>
    public virtual Task<long> ArrivedAsync() => stand.Sink!.WrittenAsync();

    /// <summary>The different readings in the sink, as <see cref="GasPayload.Key"/>; ends the subject where nobody else may look meanwhile. Null for a limit that keeps none.</summary>
    public virtual async Task<HashSet<long>?> KeysAsync() => await stand.Sink!.KeysAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A subject that is one program.</summary>
internal abstract class ProgramSubject(Stand stand) : Subject(stand)
{
    private PeerProcess? _process;

    public override int ProcessId => Process.Id;

    protected PeerProcess Process => _process ?? throw new InvalidOperationException("not started");

    public override async Task StartAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = Launch();
    }

    public override void MustLive()
    {
        if (Process.HasEnded)
            throw new InvalidOperationException($"{GetType().Name} ended:\n{Process.Said}");
    }

    public override Task KillAsync() => Process.KillAsync();

    public override Task StopAsync() => Process.StopAsync();

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    protected abstract PeerProcess Launch();

    /// <summary>A configuration file of this folder with this run's ports, in the run's folder.</summary>
    protected string Configure(string file, string name, params (string Placeholder, string Value)[] values)
    {
        var text = values.Aggregate(File.ReadAllText(Path.Combine(SubjectKind.Folder, file)), (text, each) => text.Replace(each.Placeholder, each.Value, StringComparison.Ordinal));
        var path = Path.Combine(Stand.Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
