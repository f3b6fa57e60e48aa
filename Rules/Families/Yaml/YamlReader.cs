using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Telemetry.Rules.Families.Yaml;

/// <summary>
/// The text of a family file to a tree with positions. YamlDotNet's own tree gives up at the first duplicate key and follows anchors
/// in circles; here duplicates are reported with both lines and anchors are refused.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Characters. The largest shipped file has a thirtieth of it.</summary>
    public const int MaxLength = 1 << 20;

    private const int MaxDepth = 16;

    private readonly Parser _parser;
    private readonly ErrorList _errors;
    private readonly string _kind;
    private readonly string _begins;

    private YamlReader(string text, ErrorList errors, string kind, string begins)
    {
        _parser = new Parser(new StringReader(text));
        _errors = errors;
        (_kind, _begins) = (kind, begins);
    }

    /// <summary>The tree, or null after an error that leaves none.</summary>
    /// <param name="kind">What such a file holds one of, for the errors: <c>family</c>.</param>
    /// <param name="begins">What such a file begins with; null for its kind and a name.</param>
    public static YamlNode? Read(string text, ErrorList errors, string kind = "family", string? begins = null)
    {
        if (text.Length > MaxLength)
        {
            errors.Add(1, 1, "", $"{text.Length} characters; a {kind} file has at most {MaxLength}");
            return null;
        }
        var reader = new YamlReader(text, errors, kind, begins ?? $"{kind}: NAME");
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            if (!WrongLetter.Report(text, (int)e.Start.Line, (int)e.End.Line, errors))
                errors.Add((int)Math.Max(1, e.Start.Line), (int)Math.Max(1, e.Start.Column), "", "not YAML: " + e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The parser lets some mistakes out as exceptions of its own workings, without a place: the last piece that it read is near.
            var (line, column) = reader._parser.Current is { } last ? (last.End.Line, last.End.Column) : (1, 1);
            if (!WrongLetter.Report(text, (int)line, (int)line, errors))
                errors.Add((int)Math.Max(1, line), (int)Math.Max(1, column), "", "not YAML from here on: a bracket, a brace or a quote is not closed, or a key has no ': ' behind it");
        }
        return null;
    }

    private YamlNode? ReadDocument()
    {
        while (_parser.MoveNext() && _parser.Current is StreamStart or DocumentStart)
        {
        }
        if (_parser.Current is null or StreamEnd)
        {
            _errors.Add(1, 1, "", $"empty; a {_kind} file begins with {_begins}");
            return null;
        }
        var root = ReadNode("", 0);
        while (root is not null && _parser.MoveNext())
        {
            if (_parser.Current is not DocumentStart second)
                continue;
            _errors.Add((int)second.Start.Line, (int)second.Start.Column, "", $"a second document; a {_kind} file holds one");
            break;
        }
        return root;
    }

    private YamlNode? ReadNode(string path, int depth)
    {
        var start = _parser.Current!;
        var (line, column) = ((int)start.Start.Line, (int)start.Start.Column);
        if (start is AnchorAlias || start is NodeEvent { Anchor.IsEmpty: false })
        {
            _errors.Add(line, column, path, _kind == "family" ? "anchors and aliases are not read; name a condition under words instead" : "anchors and aliases are not read");
            return null;
        }
        if (depth == MaxDepth)
        {
            _errors.Add(line, column, path, $"nested deeper than {MaxDepth}");
            return null;
        }
        return start switch
        {
            Scalar scalar => new YamlText(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(line, column, path, depth),
            _ => ReadMap(line, column, path, depth),
        };
    }

    private YamlList? ReadList(int line, int column, string path, int depth)
    {
        var items = new List<YamlNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            if (ReadNode($"{path}[{items.Count}]", depth + 1) is not { } item)
                return null;
            items.Add(item);
        }
        return new YamlList(line, column, items);
    }

    private YamlMap? ReadMap(int line, int column, string path, int depth)
    {
        var entries = new List<YamlEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar)
            {
                _errors.Add((int)_parser.Current!.Start.Line, (int)_parser.Current.Start.Column, path, "a key must be a text");
                return null;
            }
            if (ReadNode(path, depth + 1) is not YamlText key)
                return null;
            var inner = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            _parser.MoveNext();
            if (ReadNode(inner, depth + 1) is not { } value)
                return null;
            if (lines.TryGetValue(key.Value, out var first))
                _errors.Add(key, inner, $"stands twice: here and in line {first}; rename one of them or remove it");
            else
            {
                lines.Add(key.Value, key.Line);
                entries.Add(new YamlEntry(key, value));
            }
        }
        return new YamlMap(line, column, entries);
    }
}
