namespace Telemetry.Ingest.Security;

/// <summary>What a person may do; each role may what the ones before it may.</summary>
public enum Role
{
    /// <summary>Looks.</summary>
    Viewer,

    /// <summary>Acts on alarms.</summary>
    Operator,

    /// <summary>Changes the register.</summary>
    Engineer,

    /// <summary>Everything.</summary>
    Administrator,
}

/// <summary>The names of roles in files, commands and answers.</summary>
public static class Roles
{
    public static IReadOnlyList<string> Names { get; } = ["viewer", "operator", "engineer", "administrator"];

    public static string Name(this Role role) => Names[(int)role];

    public static Role? Find(string name) => Names.ToList().IndexOf(name) is >= 0 and var index ? (Role)index : null;
}
