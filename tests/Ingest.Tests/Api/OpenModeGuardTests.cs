using System.Net;

namespace Telemetry.Ingest.Tests.Api;

public sealed class OpenModeGuardTests
{
    private const string Comment = "/api/v1/alarms/none/comment";

    [Theory]
    [InlineData("Host", "telemetry.example.com", "host_not_loopback")]
    [InlineData("Host", "127.0.0.1.example.com", "host_not_loopback")]
    [InlineData("Forwarded", "for=192.0.2.1", "forwarded")]
    [InlineData("X-Forwarded-For", "192.0.2.1", "forwarded")]
    [InlineData("X-Forwarded-Host", "localhost", "forwarded")]
    public async Task A_request_that_did_not_come_straight_from_this_machine_is_refused_with_the_rule_it_breaks(string header, string value, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Get, "/api/v1/stats", headers: (header, value));
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal(reason, answer.Reason());
    }

    [Theory]
    [InlineData("http://evil.example.com")]
    [InlineData("http://localhost:1")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_may_change_nothing(string origin)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, Comment, """{"comment": "x"}""", headers: ("Origin", origin));
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal("foreign_origin", answer.Reason());
    }

    [Fact]
    public async Task The_page_of_the_service_itself_may()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, Comment, """{"comment": "x"}""", headers: ("Origin", host.Http.BaseAddress!.ToString().TrimEnd('/')));
        Assert.Equal("unknown_alarm", answer.Reason());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/csv")]
    public async Task A_change_needs_the_content_type_that_a_form_cannot_send(string type)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, Comment, """{"comment": "x"}""", type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.Equal("content_type", answer.Reason());
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("127.0.0.1")]
    public async Task The_names_of_this_machine_are_accepted(string name)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Get, "/health/live", headers: ("Host", name));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }
}
