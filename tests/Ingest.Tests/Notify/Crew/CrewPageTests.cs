using System.Text.RegularExpressions;
using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Crew;

/// <summary>The page's HTML, the key and the tokens behind it.</summary>
public sealed partial class CrewPageTests
{
    private static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.String[Gen.Char, 1, 60],
        Files.AnyOf("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</title><script>", "&lt;b&gt;", "<!--", "]]>", "javascript:alert(1)", "\u202E<b>", "a\r\n<h1>", "\ud83d<i>", "{{7*7}}"));

    private static readonly StepTokens Tokens = new(new byte[32]);

    [Fact]
    public void Whatever_somebody_typed_or_a_device_sent_stays_text() => Gen.Select(Hostile, Hostile, Hostile, Hostile, Gen.Bool).Repeatably().Sample((address, detail, name, reason, isEnglish) =>
    {
        var hostile = Page(address, detail, name, reason, isEnglish);
        Assert.Equal(Tags(Page("a", "b", "c", "d", isEnglish)), Tags(hostile));
        Assert.DoesNotContain("<script", hostile, StringComparison.OrdinalIgnoreCase);
    });

    [Fact]
    public void Each_step_moves_the_response_on_and_so_spends_its_own_token()
    {
        var alarm = CrewHost.Flood();
        (CrewStep Step, Alarm After)[] steps =
        [
            (CrewStep.Accept, alarm with { AcceptedBy = "王伟", AcceptedAt = 1 }), (CrewStep.Decline, alarm with { DeclinedBy = "王伟" }), (CrewStep.FalseAlarm, alarm with { FalseAlarm = "x" }),
            (CrewStep.OnSite, alarm with { OnSiteAt = 1 }), (CrewStep.Done, alarm with { DoneAt = 1 }),
        ];
        foreach (var (step, after) in steps)
        {
            var token = Tokens.For("link", alarm, step);
            Assert.Equal((TokenVerdict.Good, TokenVerdict.Spent), (Tokens.Check(token, "link", alarm, step), Tokens.Check(token, "link", after, step)));
            // What sounds again or is acknowledged is the same response still: nobody has to load the page anew in the rain.
            Assert.Equal(TokenVerdict.Good, Tokens.Check(token, "link", alarm with { SoundedAt = 9, AcknowledgedBy = "li", State = AlarmState.ActiveAcknowledged, Transitions = 9 }, step));
            Assert.Equal(TokenVerdict.Spent, Tokens.Check(token, "link", alarm with { AnnouncedAt = 9 }, step));
            Assert.Equal(TokenVerdict.Forged, new StepTokens([.. Enumerable.Repeat((byte)1, 32)]).Check(token, "link", alarm, step));
        }
    }

    [Fact]
    public void The_key_is_made_once_for_this_user_alone_and_a_broken_one_is_said_to_be_so()
    {
        using var directory = new TempDirectory();
        var key = CrewKey.Open(directory.Path);
        Assert.Equal(key, CrewKey.Open(directory.Path));
        Assert.Contains(key, each => each != 0);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.File("notify.key")));
        File.WriteAllText(directory.File("notify.key"), "short");
        Assert.Contains("delete it", Assert.Throws<InvalidDataException>(() => CrewKey.Open(directory.Path)).Message, StringComparison.Ordinal);
    }

    private static string Page(string address, string detail, string name, string reason, bool isEnglish)
    {
        var alarm = CrewHost.Flood() with { Street = address, Detail = detail, ValueState = detail, AcceptedBy = name, AcceptedAt = 1, DeclinedBy = name, FalseAlarm = reason };
        var person = new Person("p", name, isEnglish ? Language.En : Language.Zh, null, null, new Dictionary<string, string>());
        var message = new Message("k", "p", false, MessageKind.Call, true, [], [new Place(alarm, "t", PlaceNews.Stands, 0)], 0);
        var page = new CrewPage(CrewHost.File, _ => new PlaceFacts(null, new Device { Id = "PS-1", Family = "drainage_pump", Address = address }), Tokens);
        return page.Of(new CrewView("link", message, [alarm], person, person.Language), reason, 0);
    }

    // What a browser would see between < and >; tokens differ, so values go.
    private static string Tags(string page) => string.Join('\n', Tag().Matches(page).Select(match => TokenValue().Replace(match.Value, "")));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("name=\"token\" value=\"[^\"]*\"")]
    private static partial Regex TokenValue();
}
