using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify;

/// <summary>
/// Whoever may be told can be: has the channels that the file asks for, and a phone where a critical alarm may come.
/// </summary>
internal static class ReachCheck
{
    /// <param name="written">Severities, null for the digest, whose channels the file itself says.</param>
    public static void Check(Section root, NotifyFile file, IReadOnlyList<(Severity? Severity, YamlNode At)> written)
    {
        foreach (var (severity, at) in written)
        {
            var key = severity is { } of ? Vocabulary.Severities.First(word => word.Value == of).Key : "digest";
            Missing(root, $"channels.{key}", severity is null ? file.DigestChannels : file.Channels[severity.Value], Reached(file, severity), file.People, at);
        }
        if (written.Any(own => own.Severity == Severity.Critical))
            return;
        var people = root.Child("people");
        foreach (var person in Reached(file, Severity.Critical).Where(id => file.People.TryGetValue(id, out var person) && !person.Has(MessageChannel.Voice)))
            people!.Fail(people.Find(person)!, person, "no phone, and a critical alarm may have to call; write phone: \"+8613800000000\"");
    }

    /// <summary>Who a step may turn out to ask.</summary>
    public static IEnumerable<string> Targets(Team team, StepTarget target, IReadOnlyList<Team> teams)
    {
        var leaders = team.Leader is not { } leader ? [] : teams.FirstOrDefault(other => other.Name == leader)?.People ?? [leader];
        // Where there is no next one, the leader is asked.
        return target == StepTarget.OnCall ? team.People : target == StepTarget.Next ? team.People.Concat(leaders) : target == StepTarget.Leader ? leaders : [target.Word];
    }

    /// <summary>Says who lacks which of the channels.</summary>
    public static void Missing(Section section, string key, IReadOnlyList<MessageChannel> channels, IEnumerable<string> ids, IReadOnlyDictionary<string, Person> people, YamlNode? at = null)
    {
        foreach (var person in ids.Select(id => people.GetValueOrDefault(id)).OfType<Person>())
        {
            foreach (var channel in channels.Where(channel => !person.Has(channel)))
                section.Fail(at ?? section.Find(key)!, key, $"{person.Id} has no {(channel == MessageChannel.Mail ? "mail" : "phone")} and may be told by {channel.ToString().ToLowerInvariant()}; give it to {person.Id}, or take {channel.ToString().ToLowerInvariant()} out");
        }
    }

    private static List<string> Reached(NotifyFile file, Severity? severity)
    {
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in file.Routes.Where(route => severity is null || route.Severities.Count == 0 || route.Severities.Contains(severity.Value)))
        {
            if (file.Team(route.Team) is not { } team)
                continue;
            // Whoever a step asks by ways of its own was looked at there.
            foreach (var step in route.Steps?.Where(step => step.By is null) ?? Router.StepsOf(severity ?? Severity.Low))
                reached.UnionWith(Targets(team, step.To, file.Teams));
            reached.UnionWith(severity is null ? team.People : []);
        }
        return [.. reached];
    }
}
