using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Telemetry.Simulators.Commands;

/// <summary>A broker's address as people type it: <c>localhost:1883</c>.</summary>
public sealed record MqttAddress(string Host, int Port)
{
    public static Option<MqttAddress> Option() => new("--mqtt")
    {
        HelpName = "host:port",
        Description = "The MQTT endpoint to publish to.",
        DefaultValueFactory = _ => new MqttAddress("127.0.0.1", 1883),
        CustomParser = Parse,
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static MqttAddress? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        var colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            return new MqttAddress(text[..colon].Trim('[', ']'), port);
        argument.AddError($"--mqtt {text}: expected host:port with a port of 1 to 65535, for example localhost:1883");
        return null;
    }
}
