using System.Text;
using System.Text.Json;

namespace Telemetry.Ingest.Security.Enrolment;

/// <param name="Code">Hash of the code that was spent for it; null for a renewal.</param>
/// <param name="Serial"><c>serial:</c> and hex digits.</param>
/// <param name="Fingerprint"><c>sha256:</c> and hex digits.</param>
public sealed record IssuedCertificate(string? Code, string Gateway, string Serial, string Fingerprint, DateTimeOffset NotAfter, DateTimeOffset IssuedAt);

/// <summary>
/// Which codes are spent and which certificates were issued: a JSON line each in <c>enrolled.jsonl</c> under the data directory, on the disk before the certificate
/// leaves. It must survive what the data directory survives: a code that is forgotten here could be spent again.
/// </summary>
public sealed class EnrolmentBook
{
    private readonly string _file;
    private readonly Lock _gate = new();
    private readonly List<IssuedCertificate> _issued = [];
    private readonly HashSet<string> _spent = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">A line that is not the last one can't be read.</exception>
    public EnrolmentBook(string file)
    {
        _file = file;
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        // What a crash cut off was never answered.
        var whole = text.LastIndexOf('\n') + 1;
        if (whole < text.Length)
        {
            using var cut = File.OpenWrite(file);
            cut.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, whole)));
        }
        foreach (var (line, index) in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, index) => (line, index)))
            Remember(Parse(line) ?? throw new InvalidDataException($"{file}:{index + 1}: not a line that the service wrote; restore the file, or it is unknown which enrolment codes are spent"));
    }

    public IReadOnlyList<IssuedCertificate> Issued
    {
        get
        {
            lock (_gate)
                return [.. _issued];
        }
    }

    public bool IsSpent(string code)
    {
        lock (_gate)
            return _spent.Contains(code);
    }

    /// <summary>False where its code was spent before; then nothing is written.</summary>
    /// <exception cref="IOException">It is not on the disk, and the certificate must not leave.</exception>
    public bool TryAdd(IssuedCertificate issued)
    {
        lock (_gate)
        {
            if (issued.Code is { } code && _spent.Contains(code))
                return false;
            using var file = new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.Read);
            var before = file.Position;
            try
            {
                file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(issued, JsonSerializerOptions.Web) + "\n"));
                file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                file.SetLength(before);
                throw;
            }
            Remember(issued);
            return true;
        }
    }

    private void Remember(IssuedCertificate issued)
    {
        _issued.Add(issued);
        if (issued.Code is { } code)
            _spent.Add(code);
    }

    private static IssuedCertificate? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<IssuedCertificate>(line, JsonSerializerOptions.Web) is { Gateway: not null, Serial: not null, Fingerprint: not null } issued ? issued : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
