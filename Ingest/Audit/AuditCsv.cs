using System.Buffers;
using System.Globalization;
using Telemetry.Ingest.Api;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Audit;

/// <summary>The audit trail as a table, RFC 4180. What somebody wrote into a comment must not become a formula of whoever opens it.</summary>
internal static class AuditCsv
{
    public const string Header = "position,at,kind,by,subject,sentence,fields\r\n";

    // Spreadsheets take a cell that begins so for a formula, or skip what makes them see one.
    private static readonly SearchValues<char> Formulas = SearchValues.Create("=+-@\t\r");
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static string Line(AuditRecord record) => string.Join(
        ',',
        record.Position.ToString(CultureInfo.InvariantCulture), Iso.Time(record.At), record.Kind, Cell(record.By), Cell(record.Subject), Cell(record.Sentence),
        Cell(string.Join("; ", record.Fields.Select(field => $"{field.Name}={field.Value}")))) + "\r\n";

    public static string Cell(string text)
    {
        if (text.Length > 0 && Formulas.Contains(text[0]))
            text = "'" + text;
        return text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
