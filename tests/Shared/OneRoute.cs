using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Decoding.Routes;

namespace Telemetry.Tests.Shared;

internal static class OneRoute
{
    /// <summary>The routes of a service whose configuration names this one.</summary>
    /// <param name="name">The gateway, where the topic names none.</param>
    public static RouteTable Of(string topic, string format, string name = "r")
    {
        var settings = new Dictionary<string, string?> { [$"Formats:{name}:Topic"] = topic, [$"Formats:{name}:Format"] = format };
        return RouteTable.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), (key, value, right) => throw new InvalidOperationException($"{key} = {value}: {right}"));
    }
}
