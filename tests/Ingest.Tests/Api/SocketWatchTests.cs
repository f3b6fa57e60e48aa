using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Api;

public sealed class SocketWatchTests
{
    [Fact]
    public async Task The_pages_live_connection_is_closed_by_the_service_once_its_session_has_ended()
    {
        var (time, isAllowed, ended) = (new FakeTimeProvider(), true, new TaskCompletionSource());
        var context = new DefaultHttpContext();
        var connection = new Connection();
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        var running = SocketWatch.Around(_ => ended.Task, new Caller("li", Role.Viewer, Scope.City, () => isAllowed), time)(context);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(connection.IsAborted);
        isAllowed = false;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(connection.IsAborted);
        ended.SetResult();
        await running;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
