using CsCheck;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

/// <summary>Whatever someone's editor leaves behind gives a family or errors, never an exception.</summary>
public class FamilyReaderFuzzTests
{
    private static readonly string[] Shipped = [.. FamilySet.ShippedFiles().Select(file => file.Text)];

    private static readonly string[] Pieces =
        [":", "{", "}", "[", "]", "-", "\n", "  ", "\t", "'", "\"", "#", "&a ", "*a", "!!int ", "%", "|", ">", "? ", "null", "..", "0", "-1e999", "\0", "\u2028", "泵", "\ud800", "when: ", "each: pump\n", "---\n", "<<: "];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    private static readonly Gen<string> Mutated =
        from text in Gen.Int[0, Shipped.Length - 1].Select(index => Shipped[index])
        from cuts in Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 40], Piece).Array[1, 6]
        select cuts.Aggregate(text, (current, cut) =>
        {
            var at = cut.Item1 % (current.Length + 1);
            return current[..at] + cut.Item3 + current[Math.Min(current.Length, at + cut.Item2)..];
        });

    [Fact]
    public void A_mutated_shipped_file_never_throws() => Mutated.Repeatably().Sample(ReadsOrRefuses, iter: 400);

    [Fact]
    public void Random_text_never_throws() =>
        Piece.Array[0, 60].Select(pieces => string.Concat(pieces)).Repeatably().Sample(ReadsOrRefuses, iter: 2_000);

    private static bool ReadsOrRefuses(string text)
    {
        var result = FamilyReader.Read("fuzz.yaml", text);
        return result.Family is null == result.Errors.Count > 0 && result.Errors.All(error => error is { Line: >= 1, Column: >= 1 });
    }
}
