using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Commands;

/// <summary>What was asked of <c>replay</c>, as typed; see its help.</summary>
internal sealed record ReplayRequest
{
    public required IReadOnlyList<string> Files { get; init; }

    public required MqttAddress Broker { get; init; }

    public double Speed { get; init; } = 1;

    public string Shift { get; init; } = "now";

    public string? Family { get; init; }

    public string? Device { get; init; }

    public string? District { get; init; }

    public string? Through { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public string? Seek { get; init; }

    public string? Map { get; init; }

    public string? Gateway { get; init; }

    public bool SkipBad { get; init; }

    public string? Url { get; init; }

    public string? TokenFile { get; init; }

    public bool NoService { get; init; }

    public string? User { get; init; }

    public string? PasswordFile { get; init; }

    public int Window { get; init; } = 500;

    /// <summary>Of the command; what is misspelt among them would be taken for a file.</summary>
    public IReadOnlyCollection<string> Options { get; init; } = [];

    public string? Faults { get; init; }

    public IReadOnlyList<string> Mistakes()
    {
        var mistakes = new List<string>();
        foreach (var option in Files.Where(file => file.StartsWith('-')))
            mistakes.Add($"there is no option {option}{NearestName.Hint(option, Options)}");
        foreach (var file in Files.Where(file => !file.StartsWith('-')).Append(Map).Append(TokenFile).Append(PasswordFile).Append(Faults).OfType<string>().Where(file => !File.Exists(file)))
            mistakes.Add(Directory.Exists(file) ? $"{file} is a folder; name the files in it" : $"{file} is not there");
        foreach (var (option, text) in new[] { ("--from", From), ("--to", To), ("--shift", Shift is "now" or "none" ? null : Shift) })
        {
            if (text is not null && RecordedTime.Parse(text) is null)
                mistakes.Add($"{option} {text}: {(option == "--shift" ? "now, none or " : "")}{RecordedTime.Expected} would be right");
        }
        if (Seek is not null && Quantity.Duration(Seek) is null)
            mistakes.Add($"--seek {Seek} is no duration; 90s or 2h would be one");
        if (Gateway is not null && !ReplayTopic.IsLevel(Gateway))
            mistakes.Add($"--gateway {Gateway}: a name without / + # would be right");
        if (Service() is null)
            mistakes.Add($"--url {Url}: http://HOST:PORT would be right");
        if (Window is < 1 or > 65535)
            mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"--inflight {Window}: 1 to 65535 would be right"));
        return mistakes;
    }

    /// <exception cref="RecordingException">It is refused; the message says why.</exception>
    public async Task<(ReplayPlan Plan, ReplayTarget Target)> PrepareAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var mapping = Map is { } map ? CsvMappingReader.Read(map, await File.ReadAllTextAsync(map, cancellationToken)) : null;
        var filter = new ReplayFilter(Family, Device, District, Through, RecordedTime.Parse(From) ?? long.MinValue, RecordedTime.Parse(To) ?? long.MaxValue);
        var recording = new Recording(Files, mapping, filter);
        var survey = recording.Look(cancellationToken);
        if (survey.BadRowCount > 0 && !SkipBad)
            throw new RecordingException(string.Join('\n', [.. survey.BadRows.Select(row => row.ToString()), $"{survey.BadRowCount} bad rows; nothing was sent. --skip-bad plays the rest"]));
        if (Seek is { } seek)
        {
            recording = new Recording(Files, mapping, filter with { From = survey.First + Quantity.Duration(seek)!.Value });
            survey = recording.Look(cancellationToken);
        }
        if (survey.Readings == 0)
            throw new RecordingException($"no reading is left to send: the filters, or --seek, leave nothing. {new Recording(Files, mapping, new ReplayFilter()).Look(cancellationToken).Words}");
        var faults = FaultOptions.Read(Faults, Faults is null ? [] : FaultyReplay.Senders(recording, Gateway));
        if (!NoService && await ServicePermission.RefusalAsync(Service()!, FirstLine(TokenFile), survey.Devices, cancellationToken) is { } refusal)
            throw new RecordingException(refusal);
        var shift = Shift switch
        {
            "none" => 0,
            "now" => TimeShift.ToNow(time.GetUtcNow().ToUnixTimeMilliseconds(), survey.First, survey.Last, Speed),
            _ => RecordedTime.Parse(Shift)!.Value - survey.First,
        };
        return (new ReplayPlan(recording, survey, Speed, shift, Gateway) { Faults = faults, EndsNow = Shift == "now" }, new ReplayTarget(Broker, User, FirstLine(PasswordFile), Window, TimeSpan.FromSeconds(30)));
    }

    /// <summary>Null for what is no address.</summary>
    private Uri? Service()
    {
        if (Url is null)
            return new UriBuilder("http", Broker.Host, 8080).Uri;
        return Uri.TryCreate(Url.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
    }

    private static string? FirstLine(string? file) => file is null ? null : File.ReadLines(file).FirstOrDefault()?.Trim();
}
