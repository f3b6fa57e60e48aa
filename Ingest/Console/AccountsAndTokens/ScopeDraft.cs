using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.OperatorPage.AccountsAndTokens;

/// <summary>A scope as a form has it.</summary>
public sealed class ScopeDraft(Scope scope)
{
    public bool AllDistricts { get; set; } = scope.Districts is null;

    public bool AllFamilies { get; set; } = scope.Families is null;

    public HashSet<string> Districts { get; } = [.. scope.Districts ?? []];

    public HashSet<string> Families { get; } = [.. scope.Families ?? []];

    /// <exception cref="ApiException">400 <c>bad_account</c>: not all of them, and none.</exception>
    public Scope ToScope() => AccountRoutes.ScopeOf(AllDistricts ? null : [.. Districts.Order(StringComparer.Ordinal)], AllFamilies ? null : [.. Families.Order(StringComparer.Ordinal)]);
}
