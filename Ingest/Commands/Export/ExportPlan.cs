using Telemetry.Ingest.Api;
using Telemetry.Ingest.Store;

namespace Telemetry.Ingest.Commands.Export;

/// <summary>What is asked of which service, in which parts, and where it goes.</summary>
/// <param name="Filters">The rest of the query, from its ampersand.</param>
internal sealed record ExportPlan(Uri Service, IReadOnlyList<ExportPart> Parts, string Filters, ExportFormat Format, string Path, bool IsFolder)
{
    public string UrlOf(ExportPart part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"api/v1/export?from={part.From}&to={part.To}&format={Format.ToString().ToLowerInvariant()}{Filters}");

    /// <summary>Everything that is wrong is added to <paramref name="errors"/>; null then.</summary>
    public static ExportPlan? Read(string url, string from, string to, string path, string? format, IEnumerable<(string Name, string? Value)> filters, List<string> errors)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var service) || service.Scheme is not ("http" or "https"))
            errors.Add($"--url {url}: http://HOST:PORT would be right");
        var (start, end) = (TimeOption.Read("--from", from, errors), TimeOption.Read("--to", to, errors));
        if (start >= end)
            errors.Add("--from must be before --to");
        var extension = System.IO.Path.GetExtension(path).TrimStart('.');
        var isFolder = FormatOf(extension) is null || System.IO.Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
        if (format is not null && FormatOf(format) is null)
            errors.Add($"--format {format}: parquet, csv or jsonl would be right");
        else if (!isFolder && format is not null && FormatOf(format) != FormatOf(extension))
            errors.Add($"--format {format} and --out {path} differ; leave --format away");
        if (errors.Count > 0)
            return null;
        var query = string.Concat(filters.Where(filter => filter.Value is not null).Select(filter => $"&{filter.Name}={Uri.EscapeDataString(filter.Value!)}"));
        return new ExportPlan(service!, [.. ExportPart.Days(start!.Value, end!.Value)], query, FormatOf(isFolder ? format ?? "parquet" : extension)!.Value, path, isFolder);
    }

    private static ExportFormat? FormatOf(string text) => text switch { "parquet" => ExportFormat.Parquet, "csv" => ExportFormat.Csv, "jsonl" => ExportFormat.Jsonl, _ => null };
}
