using Telemetry.Ingest.Api;
using Telemetry.Ingest.OperatorPage.AccountsAndTokens;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>What somebody sees, as the accounts' form has it.</summary>
public sealed class ScopeDraftTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("Donghu,Xihu", null)]
    [InlineData(null, "gas_valve")]
    [InlineData("Xihu", "gas_valve,tunnel")]
    public void A_scope_goes_through_the_form_unchanged(string? districts, string? families)
    {
        var scope = new ScopeDraft(new Scope(districts?.Split(','), families?.Split(','))).ToScope();
        Assert.Equal((districts, families), (scope.Districts is null ? null : string.Join(',', scope.Districts), scope.Families is null ? null : string.Join(',', scope.Families)));
    }

    /// <summary>Nothing chosen is no way to say everything.</summary>
    [Fact]
    public void Some_of_none_is_refused()
    {
        Assert.Equal("bad_account", Assert.Throws<ApiException>(() => new ScopeDraft(Scope.City) { AllDistricts = false }.ToScope()).Reason);
        Assert.Equal("bad_account", Assert.Throws<ApiException>(() => new ScopeDraft(Scope.City) { AllFamilies = false }.ToScope()).Reason);
    }
}
