using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>What is said of certificates that end, and when.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, DateTimeOffset> _ends = [];
    private readonly List<string> _said = [];
    private readonly LogLines _log = new();
    private bool _fails;

    public void Dispose() => _log.Dispose();

    private CertificateWatch Watch(params (string Rule, string Name)[] standing) => new(() => _ends, name => name == "certificate.gateway.gone", () => standing, (entries, _) =>
    {
        if (_fails)
            throw new IOException("full");
        _said.AddRange(entries.Cast<SystemEntry>().Select(entry => $"{entry.Subject} {entry.Rule} {entry.Active}"));
        return new(Task.FromResult(1L));
    }, _time, _log.CreateLogger<CertificateWatch>());

    private async Task<string[]> LookAsync(CertificateWatch watch)
    {
        _said.Clear();
        await watch.LookAsync(TestContext.Current.CancellationToken);
        return [.. _said];
    }

    [Fact]
    public async Task Thirty_days_before_a_ticket_seven_before_an_alarm_each_once_and_both_are_over_when_it_is_renewed()
    {
        var watch = Watch();
        _ends["certificate.mqtt"] = _time.GetUtcNow().AddDays(31);
        _ends["certificate.gateway.gw-1"] = _time.GetUtcNow().AddDays(300);
        Assert.Empty(await LookAsync(watch));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["certificate.mqtt certificate_expiring True"], await LookAsync(watch));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await LookAsync(watch));
        _time.Advance(TimeSpan.FromDays(22));
        Assert.Equal(["certificate.mqtt certificate_expires_soon True"], await LookAsync(watch));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await LookAsync(watch));
        _ends["certificate.mqtt"] = _time.GetUtcNow().AddDays(90);
        Assert.Equal(["certificate.mqtt certificate_expiring False", "certificate.mqtt certificate_expires_soon False"], await LookAsync(watch));
    }

    [Fact]
    public async Task After_a_restart_what_stands_is_not_said_again_and_what_is_not_known_yet_stays()
    {
        var watch = Watch(("certificate_expiring", "certificate.http"), ("certificate_expiring", "certificate.gateway.gw-1"), ("certificate_expiring", "certificate.gateway.gone"));
        _ends["certificate.http"] = _time.GetUtcNow().AddDays(20);
        Assert.Equal(["certificate.gateway.gone certificate_expiring False"], await LookAsync(watch));
        _ends["certificate.gateway.gw-1"] = _time.GetUtcNow().AddDays(397);
        Assert.Equal(["certificate.gateway.gw-1 certificate_expiring False"], await LookAsync(watch));
    }

    [Fact]
    public async Task What_the_log_did_not_take_is_said_at_the_next_look()
    {
        var watch = Watch();
        _ends["certificate.mqtt"] = _time.GetUtcNow().AddDays(20);
        _fails = true;
        Assert.Empty(await LookAsync(watch));
        _fails = false;
        Assert.Equal(["certificate.mqtt certificate_expiring True"], await LookAsync(watch));
    }
}
