using System.Runtime.InteropServices;

namespace Telemetry.Benchmarks.Peers;

/// <summary>
/// Everything of a measurement: the folder beneath which all its programs keep their files, and those programs. When it is over, and also on Ctrl+C or SIGTERM, no process
/// is left and the folder is gone. Only a <c>kill -9</c> of this program leaves them.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const int Interrupted = 130;
    private readonly string _path;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _cleared;

    private RunFolder(string path) => _path = path;

    /// <param name="parent">Null for the temporary folder.</param>
    public static RunFolder Enter(string? parent)
    {
        var folder = new RunFolder(Path.Combine(parent ?? Path.GetTempPath(), $"telemetry-peers-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder._path);
        // Temporary folders of this process lie in it from now on, and so do those of the programs that it starts.
        Environment.SetEnvironmentVariable("TMPDIR", folder._path);
        ProcessTree.AdoptOrphans();
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            folder._signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                folder.Clear();
                Environment.Exit(Interrupted);
            }));
        }
        return folder;
    }

    public void Dispose()
    {
        _signals.ForEach(each => each.Dispose());
        Clear();
    }

    private void Clear()
    {
        if (Interlocked.Exchange(ref _cleared, 1) != 0)
            return;
        ProcessTree.KillDescendants();
        try
        {
            Directory.Delete(_path, recursive: true);
        }
        catch (IOException)
        {
            // On Ctrl+C those whose programs have just gone delete their own part at the same time.
            if (Directory.Exists(_path))
                Directory.Delete(_path, recursive: true);
        }
    }
}
