namespace Telemetry.Ingest.Tests.Faults;

/// <summary>What happens to files.</summary>
public static class Damage
{
    public const string Begin = "begin overwritten", Page = "page zeroed", Half = "half cut off", Empty = "emptied", Text = "text instead";

    public static void Do(string kind, string path)
    {
        var bytes = File.ReadAllBytes(path);
        switch (kind)
        {
            case Begin:
                bytes.AsSpan(0, 64).Fill(0x5A);
                break;
            case Page:
                bytes.AsSpan(4096, 4096).Clear();
                break;
            case Half:
                bytes = bytes[..(bytes.Length / 2 / 4096 * 4096)];
                break;
            case Empty:
                bytes = [];
                break;
            case Text:
                bytes = [.. System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("not a database ", 1000)))];
                break;
            default:
                throw new ArgumentException(kind, nameof(kind));
        }
        File.WriteAllBytes(path, bytes);
    }
}
