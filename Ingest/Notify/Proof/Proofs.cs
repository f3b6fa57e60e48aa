using System.Globalization;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.State;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Proof;

/// <summary>
/// Each week a test by each channel of critical alarms, to whoever is on call, through the outbox like everything else. Whoever gets it says its code; what nobody has
/// said in time is <c>system/channel_unproven</c>.
/// </summary>
/// <param name="channels">Names of those that are configured.</param>
/// <param name="stands">The alarm's condition holds, as the log has it now.</param>
/// <param name="now">Unix ms, never backwards.</param>
internal sealed partial class Proofs(
    NotifySource source, ProofBook book, IReadOnlyCollection<string> channels, AppendEntries append, Func<bool> stands, Ownership ownership, Func<long> now, TimeProvider time, ILogger logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private SystemAlarm? _alarm;
    private volatile string? _failing;

    /// <summary>Channels of critical alarms, as they stand now; empty without <c>proof:</c>.</summary>
    public IReadOnlyList<ProofState> States()
    {
        if (source.Current is not { Proof: { } plan } file)
            return [];
        var (proofs, at) = (book.All, now());
        return [.. ChannelsOf(file).Select(channel => ProofState.Of(channel, [.. proofs.Where(proof => proof.Channel == channel)], plan, at))];
    }

    /// <summary>When the next weekly ones go out, Unix ms; null without <c>proof:</c>.</summary>
    public long? NextDue => source.Current?.Proof?.NextDue(now());

    /// <summary>Sends tests now.</summary>
    /// <param name="channel">One alone; null for all.</param>
    /// <exception cref="ApiException">409 <c>no_proof</c> or <c>too_soon</c>, 400 <c>unknown_channel</c>.</exception>
    /// <exception cref="IOException">They can't be stored: nothing was sent.</exception>
    public async Task<IReadOnlyList<ChannelProof>> SendAsync(string by, string? channel, CancellationToken cancellationToken)
    {
        if (source.Current is not { Proof: { } plan } file)
            throw ApiException.Conflict("no_proof", "Notify:File has no proof:; write proof: {day: monday, at: \"10:00\", to: duty}");
        var known = ChannelsOf(file);
        if (channel is not null && !known.Contains(channel))
            throw ApiException.BadRequest("unknown_channel", $"channel '{channel}': critical alarms go by {(known.Count == 0 ? "no configured channel" : string.Join(", ", known))}");
        var wanted = channel is null ? known : [channel];
        return await book.AddAsync(
            () =>
            {
                var at = now();
                // Nor does a test ring a phone over and over.
                if (book.All.Any(proof => wanted.Contains(proof.Channel) && at - proof.At < LocalTime.Minute))
                    throw ApiException.Conflict("too_soon", "a test went out less than a minute ago; wait for it");
                return Make(file, plan, at, by, wanted);
            },
            cancellationToken);
    }

    /// <summary>Somebody has got it.</summary>
    /// <param name="code">That stands in the message.</param>
    /// <exception cref="ApiException">404; 409 <c>wrong_code</c>.</exception>
    public async Task<ChannelProof> ConfirmAsync(string id, string by, string code)
    {
        var proof = await book.FindAsync(id) ?? throw ApiException.NotFound("unknown_proof", $"there is no test '{id}'");
        if (code != proof.Code)
            throw ApiException.Conflict("wrong_code", "code: not the one in the message; who has got it reads it out");
        return book.Confirm(proof, by, now());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await ownership.WheneverOwnerAsync(WatchAsync, stoppingToken);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        // Another node may have raised the alarm, or ended it, when it was the owner.
        _alarm = null;
        using var timer = new PeriodicTimer(Interval, time);
        do
            await LookAsync(cancellationToken);
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Sends what is due, and says what is unproven.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        // What was sent and heard elsewhere is not known.
        if (book.IsAway)
            return;
        try
        {
            if (source.Current is { Proof: { } plan } file && plan.ToSend(now()) is { } due && !IsSent(due))
                await book.AddAsync(() => IsSent(due) ? [] : Make(file, plan, due, null, ChannelsOf(file)), cancellationToken);
            var unproven = States().Where(state => state.Unproven is not null).ToDictionary(state => state.Channel, state => state.Unproven!);
            if (_alarm is null)
            {
                _alarm = new SystemAlarm(WatchService.ChannelUnproven, "another channel is unproven", "all channels are proved", append, stands(), logger);
                _alarm.Restore(unproven.Keys);
            }
            await _alarm.SayAsync(new SortedDictionary<string, string>(unproven, StringComparer.Ordinal), cancellationToken);
            _failing = null;
        }
        catch (IOException error)
        {
            if (_failing is null)
                LogFailing(error);
            _failing = error.Message;
        }
    }

    /// <summary>The weekly ones of this time.</summary>
    private bool IsSent(long due) => book.All.Any(proof => proof.At == due && proof.AskedBy is null);

    private List<ChannelProof> Make(NotifyFile file, ProofPlan plan, long at, string? by, IReadOnlyList<string> wanted)
    {
        var proofs = new List<ChannelProof>();
        foreach (var channel in wanted)
        {
            if (WhoGets(file, file.Team(plan.Team)!, ChannelReader.Words[channel], at) is not { } person)
                continue;
            string code;
            do
                code = book.FreeCode(person.Id, at);
            while (proofs.Exists(other => other.Code == code));
            var id = string.Create(CultureInfo.InvariantCulture, $"{at}.{channel}");
            proofs.Add(new ChannelProof(id, at, channel, person.Id, person.Name, by, code, now() + plan.Within, $"proof-{id}.{person.Id}"));
        }
        return proofs;
    }

    /// <summary>Who is on call, else the first of the team who has this channel; null for nobody.</summary>
    private static Person? WhoGets(NotifyFile file, Team team, MessageChannel way, long at) =>
        team.People.Prepend(new OnCall(file).Of(team, StepTarget.OnCall, at, [])).Select(id => file.People.GetValueOrDefault(id)).FirstOrDefault(person => person?.Has(way) == true);

    private IReadOnlyList<string> ChannelsOf(NotifyFile file) => [.. file.Channels[Severity.Critical].Select(ChannelNames.Of).Where(channels.Contains)];

    [LoggerMessage(LogLevel.Error, "channels can't be proved for now: what is tested can't be read or written")]
    private partial void LogFailing(Exception error);
}
