namespace Telemetry.Ingest.Store;

/// <summary>What the duplicate filter said of a value; asked by the store's writer for entries that the rules have processed.</summary>
public enum ValueVerdict : byte
{
    Accept,

    /// <summary>Dropped: the same key with the same value has been seen, or the whole reading was refused.</summary>
    Drop,

    /// <summary>Older than the window: look it up before inserting.</summary>
    LookUp,
}

/// <summary>The filter's verdicts, kept from the store's position to the rules' position. Positions that are not named are accepted whole.</summary>
public sealed class Verdicts
{
    /// <summary>Null: every value is accepted.</summary>
    public ValueVerdict[]? At(long position) => throw new NotImplementedException();
}
