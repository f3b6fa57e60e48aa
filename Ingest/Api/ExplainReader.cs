using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Explain;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Brings together what a question rests on: register, family files, calendar, journal and the device's readings in the log. One question at a time.</summary>
public sealed class ExplainReader(
    DeviceDirectory devices, FamilyCatalog families, CalendarDirectory calendar, StateDatabase database, DurableLog log, Progress progress, ServiceOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Occurrences of one device, newest first, that are looked at.</summary>
    private const int MostOccurrences = 500;

    private const int MostBeside = 64;

    // A question reads much; many at once must not take the disk from what is live.
    private readonly SemaphoreSlim _one = new(1);

    /// <param name="instance">0 for none given.</param>
    /// <param name="at">Unix ms.</param>
    /// <param name="scope">What there is for whoever asks. What a device in it is linked to is told as far as its rules ask for it.</param>
    /// <returns>The answer, and the version of the family file in force then.</returns>
    public async Task<(Explained Answer, string? RuleVersion)> AskAsync(string device, string rule, int instance, long at, Scope scope, CancellationToken cancellationToken)
    {
        // What is committed by now has been judged.
        await progress.RulesAsync(log.Committed, cancellationToken);
        await _one.WaitAsync(cancellationToken);
        try
        {
            return devices.Find(device) is { } known && scope.Sees(known) ? OfDevice(known, rule, instance, at) : OfOther(device, rule, at, scope);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private (Explained, string?) OfDevice(Device device, string name, int instance, long at)
    {
        var (family, present) = (InForce(device.Family, at), families.Find(device.Family));
        if (family is null || present is null)
            throw ApiException.NotFound("unknown_family", $"the family '{device.Family}' of '{device.Id}' is not in force");
        var rule = family.Rules.FirstOrDefault(rule => rule.Name == name);
        if (rule is null && name != "unknown")
        {
            if (present.Rules.Any(rule => rule.Name == name))
                return (NotThen(name, family), family.Hash);
            var names = family.Rules.Select(rule => rule.Name).Append("unknown").ToList();
            throw ApiException.NotFound("unknown_rule", $"family '{family.Name}' has no rule '{name}'{NearestName.Hint(name, names)}").With("rules", names);
        }
        if (instance > 0 && rule?.Each is null)
            throw ApiException.BadRequest("bad_parameter", $"instance={instance}: rule '{name}' has no instances; leave it out");
        var question = new Question
        {
            Device = device,
            Family = family,
            Rule = name,
            Instance = instance,
            At = at,
            Others = [.. Linked(device, at), .. Beside(device, family, rule)],
            Calendar = [.. calendar.All.OrderBy(item => item.Id, StringComparer.Ordinal)],
            Journal = [.. Journal(device.Id, at).Concat(device.Gateway is { } gateway && gateway != device.Id ? Journal(gateway, at) : []).OrderBy(transition => transition.Position).ThenBy(transition => transition.Ordinal)],
            History = log.OpenHistory().Invoke,
            DuplicateWindow = (long)options.Log.DuplicateWindow.TotalMilliseconds,
            AwaitsAdoption = device.State == "provisional" && options.Security.GatewaysFile is not null,
        };
        var answer = Explainer.Explain(question);
        var forgotten = at < time.GetUtcNow().ToUnixTimeMilliseconds() - (long)options.Log.Keep.TotalMilliseconds;
        return (forgotten ? answer with { Limits = [.. answer.Limits, $"retention: the log keeps {options.Log.Keep.TotalDays:0.#} d of readings"] } : answer, family.Hash);
    }

    /// <summary>A gateway, a place, the service itself; or nothing that is known.</summary>
    private (Explained, string?) OfOther(string subject, string name, long at, Scope scope)
    {
        List<AlarmTransition> journal = [.. Journal(subject, at).Where(transition => scope.Sees(transition.Alarm))];
        var family = journal.LastOrDefault(transition => transition.Alarm.Rule == name)?.Alarm.Family ?? (devices.All.Any(device => device.Gateway == subject && scope.Sees(device)) ? "gateway" : null);
        if (family is not null && families.FileOf(family, name) is { } file)
            return (Explainer.FromJournal(subject, file.Rules.First(rule => rule.Name == name), at, journal), file.Hash);
        var sentence = new Title($"The register knows no device '{subject}', and the journal no alarm '{name}' of it.", $"登记册中没有设备“{subject}”，日志中也没有它的报警“{name}”。");
        return (new Explained { Answer = Reason.DeviceUnknown, Sentence = sentence }, null);
    }

    private static Explained NotThen(string rule, Family family) => new()
    {
        Answer = Reason.RuleUnknown,
        Sentence = new Title($"The family file in force then (version {family.Hash}) had no rule '{rule}'.", $"当时生效的族文件（版本 {family.Hash}）没有规则“{rule}”。"),
    };

    /// <summary>The family as it was in force at the moment; the oldest that is known where none was yet.</summary>
    private Family? InForce(string name, long at)
    {
        var (present, versions) = (families.Find(name), database.FamilyVersions(name));
        var then = versions.FirstOrDefault(version => version.Time <= at) ?? (versions.Count > 0 ? versions[^1] : null);
        return then is null || then.Hash == present?.Hash ? present : FamilyReader.Read(name + ".yaml", then.Text).Family ?? present;
    }

    private IEnumerable<(Device, Family)> Linked(Device device, long at) =>
        from id in device.Links.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        let linked = id == device.Id ? null : devices.Find(id)
        let family = linked is null ? null : InForce(linked.Family, at)
        where family is not null
        select (linked, family);

    private IEnumerable<(Device, Family)> Beside(Device device, Family family, Rule? rule)
    {
        var asks = rule?.Steps.Any(step => step.Condition is { } condition && (condition.Neighbours.Count > 0 || condition.Counts.Any(count => count.Place == "parent"))) == true;
        if (!asks || device.Parent is null)
            return [];
        return devices.All.Where(other => other.Parent == device.Parent && other.Family == device.Family && other.Id != device.Id && !device.Links.Values.Contains(other.Id) && other.State != "commissioning")
            .OrderBy(other => other.Id, StringComparer.Ordinal).Take(MostBeside).Select(other => (other, family));
    }

    private List<AlarmTransition> Journal(string device, long at) => [.. database.JournalOfDevice(device, at + 1, MostOccurrences).Select(row => row.Transition())];
}
