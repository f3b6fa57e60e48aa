namespace Telemetry.Rules.Families.Yaml;

/// <summary>All mistakes of one file.</summary>
internal sealed class ErrorList(string file)
{
    private readonly List<FamilyError> _errors = [];

    public int Count => _errors.Count;

    public void Add(YamlNode at, string key, string message) => Add(at.Line, at.Column, key, message);

    public void Add(int line, int column, string key, string message) => _errors.Add(new FamilyError(file, line, column, key, message));

    /// <summary>In the order of the file; one mistake is said once.</summary>
    public IReadOnlyList<FamilyError> Sorted() => [.. _errors.Distinct().OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
