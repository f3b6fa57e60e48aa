namespace Telemetry.Rules.Families.Yaml;

/// <summary>A piece of a YAML text that knows where it stands. Lines and columns from 1.</summary>
internal abstract record YamlNode(int Line, int Column)
{
    /// <summary>For messages: <c>a text</c>, <c>a list</c>, <c>a mapping</c>.</summary>
    public abstract string Shown { get; }
}

/// <param name="IsPlain">Written without quotes, so that <c>null</c> is nothing and not the word.</param>
internal sealed record YamlText(int Line, int Column, string Value, bool IsPlain) : YamlNode(Line, Column)
{
    public override string Shown => IsNull ? "nothing" : $"'{Value}'";

    public bool IsNull => IsPlain && (Value is "" or "null" or "~");
}

internal sealed record YamlList(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column)
{
    public override string Shown => "a list";
}

/// <param name="Entries">In the order of the text; a key occurs once.</param>
internal sealed record YamlMap(int Line, int Column, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line, Column)
{
    public override string Shown => "a mapping";
}

internal sealed record YamlEntry(YamlText Key, YamlNode Value);
