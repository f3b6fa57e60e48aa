using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>Files of Notify:File from text, against the shipped families.</summary>
internal static class Files
{
    public static readonly FamilySet Families = FamilySet.Shipped();

    /// <summary>A small city's whole file.</summary>
    public const string Small = """
        people:
          wang: {name: 王伟, phone: "+8613800000001"}
          li:   {name: 李娜, phone: "+8613800000002"}
          chen: {name: 陈刚, phone: "+8613800000003"}
        teams:
          duty:
            title: {en: Duty crew, zh: 值班班组}
            people: [wang, li]
            leader: chen
        routes:
          - to: duty
        """;

    public static NotifyResult Read(string text, string? calendar = null) =>
        NotifyFileReader.Read("notify.yaml", text, Families.All, name => calendar is null ? (null, $"{name} is not there") : (calendar, null));

    public static NotifyFile Right(string text, string? calendar = null)
    {
        var result = Read(text, calendar);
        Assert.Empty(result.Errors);
        return result.File!;
    }

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>China's time to Unix ms.</summary>
    public static long At(string local) => LocalTime.Parse(local)!.Value;
}
