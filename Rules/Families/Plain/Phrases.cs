namespace Telemetry.Rules.Families.Plain;

/// <summary>The wording of one language in which rules are explained. <c>{0}</c>, <c>{1}</c> … are a phrase's parts in the order of the condition.</summary>
public sealed class Phrases
{
    /// <summary>By name and number of arguments.</summary>
    public required IReadOnlyDictionary<(string Function, int Arguments), string> Functions { get; init; }

    /// <summary>Of places and of parts of a rule: <c>street</c>, <c>critical</c>, <c>ticket</c> …</summary>
    public required IReadOnlyDictionary<string, string> Terms { get; init; }

    public required Func<Title, string> Of { get; init; }

    public required string And { get; init; }

    public required string Or { get; init; }

    public required string Not { get; init; }

    /// <summary>A condition that stands within another.</summary>
    public required string Grouped { get; init; }

    public required string Above { get; init; }

    public required string AtLeast { get; init; }

    public required string Below { get; init; }

    public required string AtMost { get; init; }

    public required string Is { get; init; }

    public required string IsNot { get; init; }

    /// <summary>A bool channel or setting that is true; one that is not.</summary>
    public required string Yes { get; init; }

    public required string No { get; init; }

    public required string Link { get; init; }

    public required string PartOf { get; init; }

    public required string Seconds { get; init; }

    public required string Minutes { get; init; }

    public required string Hours { get; init; }

    public required string Days { get; init; }

    public required string Raises { get; init; }

    public required string RaisesDelayed { get; init; }

    public required string Qualifies { get; init; }

    public required string Silent { get; init; }

    public required string BuiltIn { get; init; }

    public required string Each { get; init; }

    public required string Clears { get; init; }

    public required string ClearsDelayed { get; init; }

    public required string Latched { get; init; }

    public required string LatchedOnSite { get; init; }

    public required string UnknownKeep { get; init; }

    public required string UnknownRaises { get; init; }

    public required string Suppresses { get; init; }

    public required string Gathers { get; init; }

    public required string Escalates { get; init; }

    public required string Responds { get; init; }

    public required string Where { get; init; }

    public required string NeedsChannel { get; init; }

    public required string NeedsSetting { get; init; }

    public required string MustBeSet { get; init; }


    /// <summary>A severity and what it is the severity of.</summary>
    public required string Graded { get; init; }

    public required string ToDo { get; init; }

    public required string ToBring { get; init; }

    public required string Comma { get; init; }

    public string Term(string term) => Terms.GetValueOrDefault(term, term);

    /// <param name="milliseconds">In the largest unit that leaves no rest.</param>
    public string Duration(long milliseconds) => (milliseconds / 1000.0) switch
    {
        >= 86_400 and var s when s % 86_400 == 0 => Fill(Days, s / 86_400),
        >= 3_600 and var s when s % 3_600 == 0 => Fill(Hours, s / 3_600),
        >= 120 and var s when s % 60 == 0 => Fill(Minutes, s / 60),
        var s => Fill(Seconds, s),
    };

    public static string Fill(string phrase, params ReadOnlySpan<object> parts) => string.Format(System.Globalization.CultureInfo.InvariantCulture, phrase, parts);
}
