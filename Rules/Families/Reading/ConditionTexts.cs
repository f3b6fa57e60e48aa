using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>A text of the file that conditions are made of, and the key under which it stands.</summary>
internal sealed record ConditionText(YamlText Text, string Key);

/// <summary>
/// Compiles the conditions of one family and brings their errors back to the file: the mistake may lie in the condition, in a word
/// that it uses, in a limit or in a deadband.
/// </summary>
internal sealed class ConditionTexts(string[] lines, ErrorList errors, ConditionScope family, IReadOnlyList<ConditionText> words)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The names that every condition of the family may use.</summary>
    public ConditionScope Family => family;

    public Condition? All(ConditionScope scope, IReadOnlyList<ConditionText> deadbands, params ConditionText[] conditions)
    {
        var result = conditions.Length == 1
            ? ConditionCompiler.Compile(conditions[0].Text.Value, scope)
            : ConditionCompiler.CompileAll([.. conditions.Select(condition => condition.Text.Value)], scope);
        Report(result.Errors, [.. conditions, .. deadbands]);
        return result.Condition;
    }

    public Condition? Limit(ConditionScope scope, IReadOnlyList<ConditionText> deadbands, ConditionText subject, LimitSide side, ConditionText limit)
    {
        var result = ConditionCompiler.CompileLimit(subject.Text.Value, side, limit.Text.Value, scope);
        Report(result.Errors, [limit, subject, .. deadbands]);
        return result.Condition;
    }

    /// <summary>Compiles a text for people with expressions in braces; null where there are mistakes.</summary>
    public SayTemplate? Template(ConditionScope scope, ConditionText template)
    {
        var text = template.Text.Value;
        MarkWords(text);
        var (said, right, at) = (new SayTemplate(), true, 0);
        for (var open = text.IndexOf('{', StringComparison.Ordinal); open >= 0; open = text.IndexOf('{', at))
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                Add(template, open, "the brace is not closed; write {expression}");
                return null;
            }
            var number = ConditionCompiler.CompileNumber(text[(open + 1)..close], scope);
            foreach (var error in number.Errors)
                Add(template, open + error.Column, error.Message);
            right &= number.Errors.Count == 0;
            said.Add(text[at..open]);
            said.Add(number);
            at = close + 1;
        }
        said.Add(text[at..]);
        return right ? said : null;
    }

    /// <summary>A word that nothing uses is checked by nothing, and is most often a rule's typing error.</summary>
    public void RefuseUnusedWords()
    {
        foreach (var word in words.Where(word => !_used.Contains(word.Key)))
            errors.Add(word.Text, word.Key, "no rule uses this word; remove it");
    }

    private void Report(IReadOnlyList<ConditionError> found, IReadOnlyList<ConditionText> texts)
    {
        foreach (var text in texts)
            MarkWords(text.Text.Value);
        foreach (var error in found)
            Add(texts.Concat(words).FirstOrDefault(text => text.Text.Value == error.Text) ?? texts[0], error.Column - 1, error.Message);
    }

    private void Add(ConditionText text, int offset, string message)
    {
        var (line, column) = TextPosition.Of(lines, text.Text, Math.Clamp(offset, 0, text.Text.Value.Length));
        errors.Add(line, column, text.Key, message);
    }

    private void MarkWords(string text)
    {
        foreach (var word in words)
        {
            if (Mentions(text, word.Key["words.".Length..]) && _used.Add(word.Key))
                MarkWords(word.Text.Value);
        }
    }

    private static bool Mentions(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsNamePart(text[at - 1])) && (at + name.Length == text.Length || !IsNamePart(text[at + name.Length])))
                return true;
        }
        return false;
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
