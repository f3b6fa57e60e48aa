namespace Telemetry.EndToEnd.Tests;

/// <summary>A new data directory that goes with the test.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("telemetry-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
