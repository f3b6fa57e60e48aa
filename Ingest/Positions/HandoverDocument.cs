using Telemetry.Ingest.Api;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Positions;

/// <summary>What a shift tells the next, as the service knows it at one moment. Every open alarm of kind <c>alarm</c> that the position answers for stands in it once. Times are RFC 3339.</summary>
/// <param name="At">The moment.</param>
/// <param name="Outgoing">Who mans the position; null for nobody.</param>
/// <param name="Since">Since when; null where nobody ever has.</param>
/// <param name="LastHandover">When the last one was signed; null for never.</param>
/// <param name="AnswersFor">Other positions whose alarms it answers for.</param>
/// <param name="Unacknowledged">Critical alarms that nobody has acknowledged, the oldest first. The other lists: the most severe first, then the oldest.</param>
/// <param name="Cleared">Over and not acknowledged yet.</param>
/// <param name="Suppressed">By cause; what an operator suppressed comes last, without one.</param>
/// <param name="Tickets">Open ones, which have lists of their own.</param>
/// <param name="Modes">Devices in test, drill or an exercise.</param>
/// <param name="Responders">Who is where.</param>
/// <param name="Channels">By which nobody can be told, or of which nobody has proved it.</param>
/// <param name="Notes">Since the last handover.</param>
/// <param name="Load">Of the shift; null before the first second.</param>
/// <param name="OnCall">Empty without Notify:File.</param>
public sealed record HandoverDocument(
    string Position,
    string At,
    string? Outgoing,
    string? Since,
    string? LastHandover,
    IReadOnlyList<string> AnswersFor,
    IReadOnlyList<HandoverAlarm> Unacknowledged,
    IReadOnlyList<HandoverAlarm> Standing,
    IReadOnlyList<HandoverAlarm> Cleared,
    IReadOnlyList<HandoverAlarm> Latched,
    IReadOnlyList<HandoverAlarm> Shelved,
    IReadOnlyList<HandoverCause> Suppressed,
    IReadOnlyList<HandoverAlarm> OutOfService,
    int Tickets,
    IReadOnlyList<HandoverMode> Modes,
    IReadOnlyList<HandoverResponder> Responders,
    IReadOnlyList<HandoverChannel> Channels,
    IReadOnlyList<HandoverNote> Notes,
    HandoverLoad? Load,
    IReadOnlyList<HandoverDuty> OnCall);

/// <param name="Where">Address, else street, else district; null where nothing of it is known.</param>
/// <param name="Title">Null where the rule has left its file.</param>
/// <param name="Overlay">Who shelved it, until when; who took it out of service, by which permit, what stands watch instead.</param>
public sealed record HandoverAlarm(
    string Id, string Device, string? Where, string Rule, string? Instance, Title? Title, string Severity, string State, string RaisedAt, string? AcknowledgedBy, string? AcceptedBy, string? Detail, string? Mode,
    AlarmRoutes.OverlayShape? Overlay);

/// <param name="Cause">Id of the alarm or event that explains them; null where an operator has suppressed them.</param>
/// <param name="Device">The cause's; null where it is not known any more.</param>
public sealed record HandoverCause(string? Cause, string? Device, string? Rule, Title? Title, IReadOnlyList<HandoverAlarm> Alarms);

/// <param name="State">test or drill.</param>
public sealed record HandoverMode(string Device, string? District, string State, string? Until, string? Reason);

/// <param name="Person">Who has accepted it, or else is asked to go.</param>
/// <param name="State">assigned, accepted, on_site or done.</param>
/// <param name="Since">Null for who is only asked.</param>
public sealed record HandoverResponder(string Person, string State, string? Since, string Alarm, string Device, string? Where, Title? Title);

/// <param name="State">dead or unproven.</param>
public sealed record HandoverChannel(string Channel, string State, string Since, string? Reason);

public sealed record HandoverNote(string At, string By, string Text);

/// <param name="Calls">In the windows of 10 min that began since <paramref name="From"/>.</param>
/// <param name="FloodPeak">Most calls in any 10 min of a flood; 0 without one.</param>
public sealed record HandoverLoad(string From, int Calls, double FloodMinutes, int FloodPeak);

/// <param name="Person">Null for a gap.</param>
/// <param name="Next">Who comes after; null for a gap, or for nobody within 8 weeks.</param>
/// <param name="NextFrom">Null for nobody within 8 weeks.</param>
public sealed record HandoverDuty(string Team, Title Title, string? Person, string? Next, string? NextFrom);
