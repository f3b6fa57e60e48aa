using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

public class NotifyFileTests
{
    private static readonly string Sample = Path.Combine(Repository.Root, "docs", "samples", "notify.yaml");

    [Fact]
    public void The_shipped_sample_is_right_and_has_no_gap_in_a_year()
    {
        var result = NotifyFileReader.Load(Sample, Files.Families.All);

        Assert.Empty(result.Errors);
        Assert.Equal(["drainage", "gas", "leaders", "office"], result.File!.Teams.Select(team => team.Name));
        Assert.Empty(Telemetry.Ingest.Notify.Rota.Gaps.Of(result.File, Files.At("2026-11-26 00:00"), Files.At("2027-11-26 00:00")));
    }

    [Fact]
    public void A_small_city_needs_eleven_lines()
    {
        var file = Files.Right(Files.Small);

        Assert.Equal(11, Files.Small.Split('\n').Length);
        Assert.Equal("li", file.Team("duty")!.At(Files.At("2026-11-29 03:00")).Person);
        Assert.Equal("wang", file.Team("duty")!.At(Files.At("2026-11-30 08:00")).Person);
    }

    [Theory]
    [InlineData("  - to: duty", "  - to: dutty", "notify.yaml:11:9: routes[0].to: 'dutty' is no team; did you mean 'duty'?")]
    [InlineData("  - to: duty", "  - {to: duty, family: gas_valv}", "routes[0].family: there is no family 'gas_valv'; did you mean 'gas_valve'?")]
    [InlineData("  - to: duty", "  - {to: duty, family: gas_valve, rule: leak_hig}", "routes[0].rule: there is no rule 'leak_hig'; did you mean 'leak_high'?")]
    [InlineData("  - to: duty", "  - {to: duty, severity: high}", "routes: the last route takes what no other one has")]
    [InlineData("  - to: duty", "  - to: duty\n  - {to: duty, severity: high}", "never reached: route 1 takes everything")]
    [InlineData("  - to: duty", "  - {to: duty, hours: 8-20}", "'8-20': write the begin and the end, 22:00-06:00")]
    [InlineData("  - to: duty", "  - {to: duty, copy: group}", "there is no robot 'group'")]
    [InlineData("  - to: duty", "  - {to: duty, mode: drill}", "unknown key 'mode'")]
    [InlineData("  - to: duty", "  - {to: duty, family: area, rule: leak_high}", "there is no rule 'leak_high'")]
    [InlineData("  - to: duty", "  - {to: duty, steps: [{after: 1min, to: on_call}]}", "steps[0].after: the first step is taken at once")]
    [InlineData("  - to: duty", "  - {to: duty, steps: [{after: 0min, to: on_call}, {after: 0min, to: next}]}", "steps[1].after: each step comes after the one before it")]
    [InlineData("  - to: duty", "  - {to: duty, steps: [{after: 0min, to: lidd}]}", "'lidd' is none of on_call, next, leader and nobody of people")]
    [InlineData("  - to: duty", "  - {to: duty, steps: [{after: 0min, to: on_call, by: [mail]}]}", "wang has no mail and may be told by mail")]
    [InlineData("    leader: chen", "    leader: chan", "'chan' is neither a person nor another team; did you mean 'chen'?")]
    [InlineData("people: [wang, li]", "people: [wang, lii]", "'lii' is nobody of people; did you mean 'li'?")]
    [InlineData("people: [wang, li]", "people: []", "empty; name at least one person")]
    [InlineData("people: [wang, li]", "peple: [wang, li]", "its rota is missing; write one of people:")]
    [InlineData("people: [wang, li]", "people: [wang, li]\n    always: li", "it has people and always; write one of")]
    [InlineData("people: [wang, li]", "people: [wang, li]\n    handover: mondy 08:00", "'mondy' is no day of the week; did you mean 'monday'?")]
    [InlineData("people: [wang, li]", "shifts: {}", "shifts: empty; write at least one")]
    [InlineData("teams:\n", "robots: {wang: {kind: wecom}}\nteams:\n", "robots.wang: is a person's id too")]
    [InlineData("people: [wang, li]", "ical: duty.ics", "duty.ics: duty.ics is not there")]
    [InlineData("people: [wang, li]", "shifts: {a: {hours: 08:00-20:00, people: [li]}, b: {hours: 19:00-08:00, people: [li]}}", "overlaps 'a': at one moment one person is on call")]
    [InlineData("people: [wang, li]", "people: [wang]\n    overrides: [{from: 2026-12-01 08:00, to: 2026-12-03 08:00, person: li}, {from: 2026-12-02 08:00, to: 2026-12-04 08:00, person: wang}]", "overlaps the override of li from 2026-12-01 08:00")]
    [InlineData("people: [wang, li]", "people: [wang]\n    overrides: [{from: 2026-12-01 08:00, to: 2026-12-01 08:00, person: li}]", "to: must lie after from")]
    [InlineData(", phone: \"+8613800000003\"", ", mail: chen@example.cn", "people.chen: no phone, and a critical alarm may have to call")]
    [InlineData(", phone: \"+8613800000003\"", "", "people.chen: phone is missing; write phone")]
    [InlineData("\"+8613800000003\"", "138 0000", "people.chen.phone: expected digits")]
    [InlineData("people:\n  wang", "holidays: [2026-10-07..2026-10-01]\npeople:\n  wang", "'2026-10-07..2026-10-01': write a day")]
    [InlineData("people:\n  wang", "channels: {critical: [dingtalk]}\npeople:\n  wang", "'dingtalk' is a group's robot, which gets a copy and is nobody's only way")]
    [InlineData("people:\n  wang", "channels: {critical: [mail]}\npeople:\n  wang", "a critical alarm goes by voice or sms")]
    [InlineData("people:\n  wang", "channels: {critical: [push, sms]}\npeople:\n  wang", "goes by voice or sms before push")]
    [InlineData("people:\n  wang", "channels: {high: [mail]}\npeople:\n  wang", "channels.high: wang has no mail")]
    [InlineData("people:\n  wang", "digest: [8am]\npeople:\n  wang", "'8am' is not a time of day")]
    [InlineData("people:\n  wang", "digest: []\npeople:\n  wang", "digest: empty")]
    [InlineData("people:\n  wang", "signature: 一二三四五六七八九十一二三\npeople:\n  wang", "at most 12 characters")]
    [InlineData("people:\n  wang", "map: http://x\npeople:\n  wang", "begins with https://")]
    [InlineData("people:\n  wang", "people:\n  on_call: {name: X, phone: \"110000\"}\n  wang", "'on_call' is no id of a person")]
    public void A_mistake_says_where_and_what_would_be_right(string right, string wrong, string expected)
    {
        Assert.Contains(right, Files.Small, StringComparison.Ordinal);

        var errors = Files.Read(Files.Small.Replace(right, wrong, StringComparison.Ordinal)).Errors;

        Assert.Contains(errors, error => error.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_route_names_an_operator_position_that_there_is()
    {
        var text = Files.Small.Replace("- to: duty", "- {to: duty, position: nort}", StringComparison.Ordinal);

        var result = NotifyFileReader.Read("notify.yaml", text, Files.Families.All, name => (null, name), ["north", "south"]);

        Assert.Contains("'nort' is no operator position; did you mean 'north'?", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
        Assert.Equal("nort", Files.Right(text).Routes[0].Position);
    }

    [Fact]
    public void The_alarm_of_a_place_is_routed_as_the_family_area() =>
        Assert.Equal(["street_flooding"], Files.Right(Files.Small.Replace("- to: duty", "- {to: duty, family: area, rule: street_flooding}\n  - to: duty", StringComparison.Ordinal)).Routes[0].Rules);

    [Fact]
    public void All_mistakes_come_at_once_in_the_order_of_the_file()
    {
        var errors = Files.Read(Files.Small.Replace("people: [wang, li]", "people: [wang, lii]", StringComparison.Ordinal).Replace("leader: chen", "leader: chan", StringComparison.Ordinal).Replace("to: duty", "to: dut", StringComparison.Ordinal)).Errors;

        Assert.Equal([8, 9, 11], errors.Select(error => error.Line));
    }

    [Fact]
    public void No_message_repeats_a_phone_number_or_an_address()
    {
        var errors = Files.Read(Files.Small.Replace("+8613800000003", "86x13800000003", StringComparison.Ordinal).Replace("+8613800000002\"", "+8613800000002\", mail: \"li@private\"", StringComparison.Ordinal)).Errors;

        Assert.Equal(2, errors.Count);
        Assert.DoesNotContain(errors, error => error.ToString().Contains("13800000003", StringComparison.Ordinal) || error.ToString().Contains("private", StringComparison.Ordinal));
        Assert.DoesNotContain("138", Files.Right(Files.Small).People["wang"].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("people: [")]
    [InlineData("people: {wang: }\nteams: {a: }\nroutes: [a]")]
    [InlineData("people: {wang: {name: W}}\nteams: {a: {title: {en: A, zh: A}, shifts: {x: {hours: 08:00-09:00}}}}\nroutes: [{to: a, steps: a}]")]
    public void Any_text_gives_errors_and_no_exception(string text) => Assert.NotEmpty(Files.Read(text).Errors);

    [Fact]
    public void Whatever_is_changed_in_a_right_file_gives_a_file_or_errors()
    {
        var (sample, calendar) = (File.ReadAllText(Sample), File.ReadAllText(Path.Combine(Path.GetDirectoryName(Sample)!, "leaders.ics")));
        var change = Gen.Select(Gen.Double[0, 1], Gen.Int[0, 12], Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 0, 4], Files.AnyOf(":", "\n", "- ", "{", "]", "\"", "9999-12-31 23:59", "0001-01-01", "24:00", "COUNT=0", "INTERVAL=0", "TZID=X")));
        Gen.Select(change.Array[1, 3], change.Array[0, 2]).Repeatably().Sample(
            (inFile, inCalendar) =>
            {
                var result = NotifyFileReader.Read("notify.yaml", Changed(sample, inFile), Files.Families.All, _ => (Changed(calendar, inCalendar), null));
                Assert.Equal(result.File is null, result.Errors.Count > 0);
                if (result.File is { } file)
                    Assert.All(file.Teams, team => Assert.NotEmpty(team.Between(Files.At("2026-11-26 00:00"), Files.At("2026-12-26 00:00"))));
            },
            iter: 400);

        static string Changed(string text, (double At, int Cut, string Put)[] changes)
        {
            foreach (var (at, cut, put) in changes)
            {
                var from = (int)(at * text.Length);
                text = text[..from] + put + text[Math.Min(from + cut, text.Length)..];
            }
            return text;
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_so()
    {
        var result = NotifyFileReader.Load(Path.Combine(Repository.Root, "docs", "samples", "nobody.yaml"), Files.Families.All);

        Assert.Contains("can't be read", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }
}
