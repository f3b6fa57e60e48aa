using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Telemetry.Ingest.Security;

/// <summary>One <c>name: text</c> of a credential file; a value that is itself a mapping has its entries in <see cref="Fields"/>, a list of texts has them in <see cref="Items"/>.</summary>
/// <param name="Line">From 1.</param>
internal sealed record CredentialLine(int Line, string Name, string? Text, IReadOnlyList<CredentialLine>? Fields, IReadOnlyList<string>? Items = null);

/// <summary>
/// The little YAML that credential files need: one root key over a mapping of names, each a text or a flat mapping of texts and lists of texts. No anchors. No
/// message repeats a value: it may be a secret in the wrong place.
/// </summary>
internal sealed class CredentialYaml
{
    /// <summary>Bytes; some 100,000 gateways.</summary>
    private const int MaxLength = 16 << 20;

    private const int MaxDepth = 3;

    private readonly string _file;
    private readonly List<string> _errors;
    private readonly Parser _parser;

    private CredentialYaml(string file, string text, List<string> errors)
    {
        (_file, _errors) = (file, errors);
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The entries beneath <paramref name="root"/>, or null with what is wrong in <paramref name="errors"/> as <c>file:line: …</c>.</summary>
    public static IReadOnlyList<CredentialLine>? Read(string file, string root, List<string> errors)
    {
        if (ReadText(file, errors) is not { } text)
            return null;
        try
        {
            return new CredentialYaml(file, text, errors).Document(root);
        }
        catch (YamlException error)
        {
            errors.Add($"{file}:{Math.Max(1, error.Start.Line)}: not YAML here: a colon, a quote or an indentation is wrong");
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The parser lets some mistakes out as exceptions of its own workings, without a place.
            errors.Add($"{file}:1: not YAML: a bracket, a brace or a quote is not closed");
        }
        return null;
    }

    private static string? ReadText(string file, List<string> errors)
    {
        try
        {
            if (new FileInfo(file).Length > MaxLength)
            {
                errors.Add($"{file}:1: larger than {MaxLength >> 20} MiB");
                return null;
            }
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            errors.Add($"{file}:1: not UTF-8; save it as UTF-8");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"{file}:1: can't be read ({error.Message}); name a file that this user may read");
        }
        return null;
    }

    private IReadOnlyList<CredentialLine>? Document(string root)
    {
        while (_parser.MoveNext() && _parser.Current is StreamStart or DocumentStart)
        {
        }
        if (_parser.Current is not MappingStart || Node("", 0) is not { Fields: { } roots } || roots.Count != 1 || roots[0].Name != root || roots[0].Fields is not { } entries)
        {
            if (_errors.Count == 0)
                _errors.Add($"{_file}:1: expected {root}: and beneath it, indented, one entry a name ({root}: {{}} for none)");
            return null;
        }
        while (_parser.MoveNext())
        {
            if (_parser.Current is DocumentStart second)
                _errors.Add($"{_file}:{second.Start.Line}: a second document; everything stands beneath one {root}:");
        }
        return _errors.Count == 0 ? entries : null;
    }

    /// <summary>The parser stands on the value's first event.</summary>
    private CredentialLine? Node(string name, int depth)
    {
        var start = _parser.Current!;
        var line = (int)start.Start.Line;
        if (start is AnchorAlias || start is NodeEvent { Anchor.IsEmpty: false })
            return Refuse(line, "anchors and aliases are not read; write the value itself");
        if (start is Scalar scalar)
            return new CredentialLine(line, name, scalar.Value, null);
        if (start is SequenceStart && depth == MaxDepth)
            return Items(name, line);
        if (start is not MappingStart || depth == MaxDepth)
            return Refuse(line, "a list, or nested too deep; expected name: value");
        var fields = new List<CredentialLine>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar { Anchor.IsEmpty: true } key)
                return Refuse((int)_parser.Current!.Start.Line, "a name must be a text");
            var at = (int)key.Start.Line;
            _parser.MoveNext();
            if (Node(key.Value, depth + 1) is not { } value)
                return null;
            if (!lines.TryAdd(key.Value, at))
                _errors.Add($"{_file}:{at}: '{LogText.Safe(key.Value)}' stands twice: here and in line {lines[key.Value]}; keep one");
            fields.Add(value with { Line = at });
        }
        return new CredentialLine(line, name, null, fields);
    }

    private CredentialLine? Items(string name, int line)
    {
        var items = new List<string>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            if (_parser.Current is not Scalar { Anchor.IsEmpty: true } item)
                return Refuse((int)_parser.Current!.Start.Line, "a list of texts has texts alone: [one, two]");
            items.Add(item.Value);
        }
        return new CredentialLine(line, name, null, null, items);
    }

    private CredentialLine? Refuse(int line, string message)
    {
        _errors.Add($"{_file}:{line}: {message}");
        return null;
    }
}
