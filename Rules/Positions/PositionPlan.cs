using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Positions;

/// <summary>Whose an alarm is, as the configuration divides the city, and who answers for it while nobody sits there. Pure.</summary>
public sealed class PositionPlan(IReadOnlyList<LoadPosition> positions)
{
    /// <summary>In the order of the configuration, one more for what none of them hears.</summary>
    public IReadOnlyList<LoadPosition> Positions { get; } = LoadPosition.Complete(positions);

    public LoadPosition? Find(string name) => Positions.FirstOrDefault(position => position.Name == name);

    /// <summary>The one position that an alarm belongs to: who names its district comes before who hears everything, then the order of the configuration.</summary>
    /// <param name="district">Null for none.</param>
    public string OwnerOf(string? district)
    {
        var name = district ?? LoadPosition.NoDistrict;
        var hearing = Positions.Where(position => position.Hears(name)).ToList();
        return (hearing.Find(position => position.Districts is not null) ?? hearing.FirstOrDefault() ?? Positions[^1]).Name;
    }

    /// <summary>
    /// Who answers for a position's alarms now: itself while it is manned, else its fallback, that one's and so on, else the first that is manned. Null: nobody is
    /// anywhere. Until somebody signs on for the first time each answers for itself.
    /// </summary>
    public string? AnswersFor(string position, PositionBook book)
    {
        if (!book.IsUsed)
            return position;
        var asked = new HashSet<string>(StringComparer.Ordinal);
        for (var name = position; name is not null && asked.Add(name); name = Find(name)?.Fallback)
        {
            if (book.Of(name).Person is not null)
                return name;
        }
        return Positions.FirstOrDefault(known => book.Of(known.Name).Person is not null)?.Name;
    }
}
