namespace Telemetry.Simulators.Load;

/// <summary>How much to publish, where, and under which guarantees.</summary>
public sealed record LoadOptions
{
    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

    /// <summary>Each is a gateway <c>load-N</c> of its own. 1 to 10,000.</summary>
    public int Connections { get; init; } = 50;

    /// <summary>Pump stations <c>load-pump-NNNNNN</c>, spread over the connections; at least one each.</summary>
    public int Devices { get; init; } = 10_000;

    /// <summary>Readings in a message, 1 to 10,000; more than one are an array.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Values in a reading, 1 to 8; one is about 60 bytes, eight about 230.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>What to publish instead of pump stations; null for those.</summary>
    public ILoadPayload? Payload { get; init; }

    /// <summary>Of each device's first reading; a second run on the same devices begins where the first one ended.</summary>
    public long FirstSequence { get; init; } = 1;

    /// <summary>Messages a second over all connections; null for as fast as the window allows.</summary>
    public double? Rate { get; init; }

    /// <summary>Stops after this time; null where <see cref="Messages"/> alone stops.</summary>
    public TimeSpan? Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Stops after this many messages over all connections; null where <see cref="Duration"/> alone stops.</summary>
    public long? Messages { get; init; }

    /// <summary>0, 1 or 2.</summary>
    public int Qos { get; init; } = 1;

    /// <summary>Unacknowledged messages that a connection may have on the way, 1 to 65,535.</summary>
    public int InFlight { get; init; } = 200;

    /// <summary>
    /// Connects again after a drop, within <see cref="Patience"/>, in the same session, and sends what was unacknowledged again:
    /// same packet ids, same bytes, marked DUP. Otherwise a drop ends that connection's part.
    /// </summary>
    public bool Reconnect { get; init; }

    /// <summary>How long to try to connect, and how long to wait for the last acknowledgements. Default 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A file that receives one line <c>device first-seq count</c> per acknowledged message, in the order of acknowledgement; null for none.</summary>
    public string? Record { get; init; }

    /// <summary>Every violated limit in one message.</summary>
    /// <exception cref="ArgumentException">At least one limit is violated.</exception>
    public void Validate()
    {
        List<string> errors = [];
        Check(Connections is >= 1 and <= 10_000, $"connections must be 1 to 10000, not {Connections}");
        Check(Devices >= Connections, $"devices must be at least the number of connections ({Connections}), not {Devices}");
        Check(Batch is >= 1 and <= 10_000, $"batch must be 1 to 10000 readings a message, not {Batch}");
        Check(Channels is >= 1 and <= LoadPayload.MostChannels, $"channels must be 1 to {LoadPayload.MostChannels}, not {Channels}");
        Check(Rate is not <= 0, $"rate must be max or above 0 messages a second, not {Rate}");
        Check(Qos is >= 0 and <= 2, $"qos must be 0, 1 or 2, not {Qos}");
        Check(InFlight is >= 1 and <= 65_535, $"inflight must be 1 to 65535, not {InFlight}");
        Check(Duration is not null || Messages is not null, "a duration or a number of messages must end the run");
        Check(Record is null || Qos > 0, "record needs qos 1 or 2: nothing acknowledges QoS 0");
        if (errors.Count > 0)
            throw new ArgumentException(string.Join("; ", errors));

        void Check(bool holds, string error)
        {
            if (!holds)
                errors.Add(error);
        }
    }
}
