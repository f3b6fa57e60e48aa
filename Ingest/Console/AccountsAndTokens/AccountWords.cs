using Telemetry.Ingest.Api;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.OperatorPage.AccountsAndTokens;

/// <summary>Roles and scopes as people read them.</summary>
internal static class AccountWords
{
    public static string Role(this PageSettings settings, Role role) => role switch
    {
        Security.Role.Viewer => settings.Say("viewer", "查看员"),
        Security.Role.Operator => settings.Say("operator", "值班员"),
        Security.Role.Engineer => settings.Say("engineer", "工程师"),
        _ => settings.Say("administrator", "管理员"),
    };

    public static string RoleMay(this PageSettings settings, Role role) => role switch
    {
        Security.Role.Viewer => settings.Say("looks", "仅查看"),
        Security.Role.Operator => settings.Say("acts on alarms", "处理报警"),
        Security.Role.Engineer => settings.Say("changes register and rules", "修改登记与规则"),
        _ => settings.Say("everything", "全部权限"),
    };

    public static string Sees(this PageSettings settings, Scope scope, FamilyCatalog families) => scope.IsCity
        ? settings.Say("the whole city", "全市")
        : string.Join(" · ", new[]
        {
            scope.Districts is { } districts ? string.Join(", ", districts) : null,
            scope.Families is { } names ? string.Join(", ", names.Select(name => settings.Say(families.Find(name)?.Title, name))) : null,
        }.OfType<string>());

    public static string Day(DateTimeOffset time) => LocalTime.Shown(time.ToUnixTimeMilliseconds(), "yyyy-MM-dd");

    public static string Time(DateTimeOffset? time) => time is { } at ? PageSettings.DayClock(at.ToUnixTimeMilliseconds()) : "–";
}
