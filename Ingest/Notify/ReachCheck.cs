using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify;

/// <summary>
/// Whoever may be told can be: has the channels that the file asks for, and at least one where it leaves them to us; a phone where a critical alarm may come.
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
        foreach (var severity in Enum.GetValues<Severity>().Where(severity => written.All(own => own.Severity != severity)))
        {
            IReadOnlyList<MessageChannel> wanted = severity == Severity.Critical ? [MessageChannel.Voice, MessageChannel.Sms] : file.Channels[severity];
            foreach (var person in Reached(file, severity).Select(id => file.People.GetValueOrDefault(id)).OfType<Person>().Where(person => !wanted.Any(person.Has)))
                Fail(root, person, severity == Severity.Critical ? "no phone, and a critical alarm may have to call; write phone: \"+8613800000000\"" : "neither phone nor mail; write one");
        }
        foreach (var person in file.Drill.Select(id => file.People[id]).Where(person => !file.Channels[Severity.Critical].Any(person.Has)))
            Fail(root, person, "neither phone nor mail, and stands on the drill's roster; write one");
    }

    /// <summary>Who a step may turn out to ask.</summary>
    public static IEnumerable<string> Targets(Team team, StepTarget target, IReadOnlyList<Team> teams)
    {
        if (target == StepTarget.OnCall || target == StepTarget.Next)
            return team.People;
        if (target != StepTarget.Leader)
            return [target.Word];
        return team.Leader is not { } leader ? [] : teams.FirstOrDefault(other => other.Name == leader)?.People ?? [leader];
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

    private static void Fail(Section root, Person person, string what)
    {
        var people = root.Child("people")!;
        people.Fail(people.Find(person.Id)!, person.Id, what);
    }
}
