using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>An alarm that might come, in words; what is null the device, the rule or the present say.</summary>
/// <param name="Calendar">Null for what is in force at the device.</param>
internal sealed record DryRunAsked(string? Device, string? Family, string? Rule, string? Severity, string? District, string? Street, IReadOnlyList<string>? Calendar, string? Mode);

/// <summary>Answers dry runs with the file, the register, the calendar and the rules in force.</summary>
internal sealed class DryRuns(NotifySource source, DeviceDirectory devices, CalendarDirectory calendar, FamilyCatalog families, ServiceOptions options)
{
    // As long as a link's name is, and none.
    private const string SampleLink = "xxxxxxxxxxx";

    /// <exception cref="ApiException">404: the service tells nobody.</exception>
    public NotifyFile File =>
        source.Current ?? throw ApiException.NotFound("no_notify_file", "the service tells nobody: start it with --Notify:File=notify.yaml (docs/samples/notify.yaml)");

    /// <param name="at">Unix ms.</param>
    /// <param name="scope">What there is for whoever asks.</param>
    /// <exception cref="ApiException">400 <c>bad_question</c> with everything that is wrong; 404.</exception>
    public DryRunAnswer Of(DryRunAsked asked, long at, Scope scope)
    {
        var file = File;
        var errors = new List<string>();
        if (!LocalTime.IsUsual(at))
            errors.Add("at: must be RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms, of 2000 to 2099");
        var device = asked.Device is not null && devices.Find(asked.Device) is { } found && scope.Sees(found) ? found : null;
        if (asked.Device is not null && device is null)
            errors.Add($"device \"{asked.Device}\": the register has none of this id; leave it out for one that is made up");
        var words = new DryRunText(asked.Family ?? device?.Family, asked.Rule, asked.Severity, asked.District, asked.Street, asked.Calendar ?? [], asked.Mode ?? Modes.Live);
        var question = DryRunReader.Read(words, at, [.. families.All], device, errors);
        if (question is null)
            throw ApiException.BadRequest("bad_question", string.Join("; ", errors));
        return DryRun.Of(file, asked.Calendar is null ? question with { Calendar = CalendarFacts.InForce(calendar.All, device, at) } : question, options.Channels.WaysOf(SampleLink));
    }
}
