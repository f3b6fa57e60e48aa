namespace Telemetry.Rules.Model;

public enum CalendarKind : byte
{
    /// <summary>People are at work there: <c>work_order("entry")</c>.</summary>
    WorkOrder,

    RainForecast,

    /// <summary>Whatever has opening hours there is closed.</summary>
    Holiday,
}

public enum CalendarScope : byte
{
    Device,
    Parent,
    Street,
    District,
    Gateway,
    Family,
    City,
}

/// <summary>Something planned or foretold that conditions may ask for.</summary>
/// <param name="Name">Of a work order: its kind, as family files ask for it (<c>entry</c>, <c>cover</c>); null for the other kinds.</param>
/// <param name="Place">The id, street, district or family that <paramref name="Scope"/> speaks of; null for the whole city.</param>
/// <param name="From">Unix ms, inclusive.</param>
/// <param name="To">Unix ms, exclusive: it ends by itself.</param>
public sealed record CalendarItem(string Id, CalendarKind Kind, string? Name, CalendarScope Scope, string? Place, long From, long To, string By, string? Reason)
{
    public bool IsAt(long time) => From <= time && time < To;
}
