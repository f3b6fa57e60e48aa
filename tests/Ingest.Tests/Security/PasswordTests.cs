using System.Text;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

public sealed class PasswordTests
{
    private static readonly byte[] Right = Encoding.UTF8.GetBytes("correct horse battery");
    private static readonly byte[] Wrong = Encoding.UTF8.GetBytes("correct horse batterx");

    [Fact]
    public void A_hash_describes_itself_is_salted_and_verifies_its_password_alone()
    {
        var hash = PasswordHash.Create(Right);
        Assert.StartsWith("pbkdf2-sha256$210000$", hash.Text, StringComparison.Ordinal);
        Assert.NotEqual(hash.Text, PasswordHash.Create(Right).Text);
        var read = PasswordHash.Parse(hash.Text).Hash!;
        Assert.True(read.Verify(Right));
        Assert.False(read.Verify(Wrong));
    }

    /// <summary>Against another implementation: Python's hashlib.pbkdf2_hmac('sha256', b'gw-password', b'0123456789abcdef', 210000).</summary>
    [Fact]
    public void A_hash_made_elsewhere_verifies()
    {
        var hash = PasswordHash.Parse("pbkdf2-sha256$210000$MDEyMzQ1Njc4OWFiY2RlZg==$qlAaDO9GGgflDDg8BOzJzxf62S2xkXO/MIPuGm31ZuU=").Hash!;
        Assert.True(hash.Verify("gw-password"u8));
    }

    [Fact]
    public async Task A_thousand_logins_with_one_password_cost_one_computation()
    {
        using var checks = new PasswordChecks();
        var hash = PasswordHash.Create(Right);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => checks.VerifyAsync(hash, Right, TestContext.Current.CancellationToken)));
        Assert.All(outcomes, outcome => Assert.True(outcome));
        Assert.Equal(1, checks.Computed);
    }

    [Fact]
    public async Task A_wrong_password_is_remembered_too_and_does_not_become_right()
    {
        using var checks = new PasswordChecks();
        var hash = PasswordHash.Create(Right);
        for (var i = 0; i < 100; i++)
            Assert.False(await checks.VerifyAsync(hash, Wrong, TestContext.Current.CancellationToken));
        Assert.True(await checks.VerifyAsync(hash, Right, TestContext.Current.CancellationToken));
        Assert.Equal(2, checks.Computed);
    }

    [Fact]
    public async Task A_changed_hash_is_asked_anew()
    {
        using var checks = new PasswordChecks();
        Assert.True(await checks.VerifyAsync(PasswordHash.Create(Right), Right, TestContext.Current.CancellationToken));
        Assert.False(await checks.VerifyAsync(PasswordHash.Create(Wrong), Right, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_client_that_leaves_before_its_turn_finds_the_outcome_when_it_comes_back()
    {
        using var checks = new PasswordChecks();
        var hash = PasswordHash.Create(Right);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checks.VerifyAsync(hash, Right, gone.Token));
        Assert.True(await checks.VerifyAsync(hash, Right, TestContext.Current.CancellationToken));
        Assert.Equal(1, checks.Computed);
    }

    [Fact]
    public void A_token_is_256_random_bits_with_a_prefix_and_its_hash_is_one_way()
    {
        var token = ApiToken.New();
        Assert.Matches("^tlm_[A-Za-z0-9_-]{43}$", token);
        Assert.NotEqual(token, ApiToken.New());
        Assert.True(ApiToken.IsHash(ApiToken.HashOf(token)));
        Assert.False(ApiToken.IsHash(token));
    }

    [Theory]
    [InlineData("gw-1", "gw-1")]
    [InlineData(null, "(none)")]
    [InlineData("a\nfake line\u001b[2J", "a?fake line?[2J")]
    [InlineData("tlm_abcdef", "(a token)")]
    public void What_a_stranger_sent_is_fit_for_a_line_of_the_log(string? text, string shown) => Assert.Equal(shown, LogText.Safe(text));
}
