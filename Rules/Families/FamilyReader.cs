namespace Telemetry.Rules.Families;
public sealed record FamilyResult(Family? Family);
public static class FamilyReader { public static FamilyResult Read(string file, string text) => throw new NotImplementedException(); }
