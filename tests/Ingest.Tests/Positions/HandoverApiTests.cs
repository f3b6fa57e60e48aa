using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Positions;

/// <summary>The document, the signatures, and that nothing stays shelved unseen.</summary>
public sealed class HandoverApiTests
{
    private static readonly IReadOnlyList<LoadPosition> City = [new("north", ["north"]), new("south", ["south"])];

    [Fact]
    public async Task The_document_holds_each_alarm_once_under_what_it_is()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await PostAsync(host, "positions/north/sign-on", """{"by": "Wang"}""");
        await PostAsync(host, "positions/north/notes", """{"by": "Wang", "text": "3号泵检修"}""");
        host.Devices.Set(new Device { Id = "PS-9", Family = "drainage_pump", District = "north", State = "drill", StateUntil = "2026-11-26T12:00:00.000Z", StateReason = "flood drill" });
        await host.RaiseAsync(Samples.Alarm("late", raisedAt: Samples.T0 + 5) with { Severity = Severity.Critical });
        await host.RaiseAsync(Samples.Alarm("first") with { Severity = Severity.Critical, AcceptedBy = "Sun", AcceptedAt = Samples.T0 + 9 });
        await host.RaiseAsync(Samples.Alarm("seen", state: AlarmState.ActiveAcknowledged) with { Severity = Severity.Critical, AssignedTo = "Qian" });
        await host.RaiseAsync(Samples.Alarm("high"));
        await host.RaiseAsync(Samples.Alarm("over", state: AlarmState.ClearedUnacknowledged));
        await host.RaiseAsync(Samples.Alarm("latch", state: AlarmState.LatchedAcknowledged) with { AcceptedBy = "Sun", AcceptedAt = Samples.T0 + 9, OnSiteAt = Samples.T0 + 99 });
        await host.RaiseAsync(Shelved("shelf"));
        await host.RaiseAsync(Samples.Alarm("hidden", state: AlarmState.Suppressed) with { SuppressedBy = "first" });
        await host.RaiseAsync(Samples.Alarm("out", state: AlarmState.OutOfService) with { Overlay = Overlay(AlarmState.OutOfService) with { Permit = "P-7", Watch = "guard" } });
        await host.RaiseAsync(Samples.Alarm("elsewhere") with { District = "south" });
        await host.RaiseAsync(Samples.Alarm("ticket") with { Kind = AlarmKind.Ticket });

        // Nobody is in the south: its alarm is north's too.
        var document = await host.GetJsonAsync("/api/v1/handover?position=north");
        Assert.Equal("Wang", document.Text("outgoing"));
        Assert.Equal(["south", "unassigned"], Names(document, "answersFor"));
        Assert.Equal(["first", "late"], Ids(document, "unacknowledged"));
        Assert.Equal(["seen", "elsewhere", "high"], Ids(document, "standing"));
        Assert.Equal(["over"], Ids(document, "cleared"));
        Assert.Equal(["latch"], Ids(document, "latched"));
        Assert.Equal(["shelf"], Ids(document, "shelved"));
        Assert.Equal(["out"], Ids(document, "outOfService"));
        var cause = document.GetProperty("suppressed").EnumerateArray().Single();
        Assert.Equal(("first", "PS-1"), (cause.Text("cause"), cause.Text("device")));
        Assert.Equal(["hidden"], Ids(cause, "alarms"));
        Assert.Equal(["P-7", "guard"], document.GetProperty("outOfService")[0].GetProperty("overlay") is var over ? [over.Text("permit"), over.Text("watch")] : []);
        Assert.Equal(["Qian assigned seen", "Sun accepted first", "Sun on_site latch"], document.GetProperty("responders").EnumerateArray().Select(each => $"{each.Text("person")} {each.Text("state")} {each.Text("alarm")}"));
        Assert.Equal(["PS-9 drill flood drill"], document.GetProperty("modes").EnumerateArray().Select(each => $"{each.Text("device")} {each.Text("state")} {each.Text("reason")}"));
        Assert.Equal(["Wang 3号泵检修"], document.GetProperty("notes").EnumerateArray().Select(each => $"{each.Text("by")} {each.Text("text")}"));
        Assert.Equal(1, document.GetProperty("tickets").GetInt32());
    }

    [Fact]
    public async Task An_exercise_in_which_nothing_is_evaluated_stands_among_the_modes()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await PostAsync(host, "positions/north/sign-on", """{"by": "Wang"}""");
        host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", District = "north", State = "commissioning", StateUntil = "2026-11-26T12:00:00.000Z", StateReason = "works", Exercise = "works" });
        // Not wired yet: it was never live.
        host.Devices.Set(new Device { Id = "PS-2", Family = "drainage_pump", District = "north", State = "commissioning" });
        Assert.Equal(["PS-1 commissioning"], (await host.GetJsonAsync("/api/v1/handover?position=north")).GetProperty("modes").EnumerateArray().Select(each => $"{each.Text("device")} {each.Text("state")}"));
    }

    [Fact]
    public async Task What_is_signed_is_what_was_frozen_byte_for_byte()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Samples.Alarm("a") with { Detail = "水位 <b>\"高\"</b> & more" });
        var id = await OpenedAsync(host);
        await host.RaiseAsync(Samples.Alarm("b"));
        var answer = await host.GetJsonAsync($"/api/v1/handover/{id}");
        Assert.Equal(["a"], Ids(answer.GetProperty("document"), "standing"));
        Assert.Equal(answer.GetProperty("handover").Text("hash"), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(answer.GetProperty("document").GetRawText()))));
    }

    [Fact]
    public async Task Nobody_signs_over_a_shelved_alarm_that_was_not_seen()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Shelved("s1"));
        var id = await OpenedAsync(host);
        // Shelved after the document: it counts all the same.
        await host.RaiseAsync(Shelved("s2"));
        await host.RaiseAsync(Shelved("far") with { District = "south" });
        var committed = host.Log.Committed;
        var refused = await host.PostAsync($"/api/v1/handover/{id}/sign", """{"by": "Li", "seen": ["s1"]}""");
        Assert.Equal((HttpStatusCode.Conflict, "unseen_shelved"), (refused.Status, refused.Reason()));
        Assert.Equal(["far", "s2"], refused.Body.GetProperty("alarms").EnumerateArray().Select(alarm => alarm.Text("id")));
        Assert.Equal(committed, host.Log.Committed);

        var signed = await PostAsync(host, $"handover/{id}/sign", """{"by": "Li", "seen": ["s2", "s1", "far", "s1", "gone"]}""");
        Assert.Equal(["far", "gone", "s1", "s2"], signed.GetProperty("handover").GetProperty("incoming").GetProperty("seen").EnumerateArray().Select(each => each.GetString()));
        // Each of the two has to look.
        Assert.Equal("unseen_shelved", (await host.PostAsync($"/api/v1/handover/{id}/sign", """{"by": "Wang"}""")).Reason());
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Wang", "seen": ["s1", "s2", "far"]}""");
        Assert.Equal("Li", (await host.GetJsonAsync("/api/v1/positions/north")).Text("person"));
    }

    [Fact]
    public async Task Whoever_comes_after_the_outgoing_person_has_left_sees_what_is_shelved_all_the_same()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Shelved("s1"));
        await PostAsync(host, "positions/south/sign-on", """{"by": "Zhao"}""");
        var id = await OpenedAsync(host);
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Wang", "seen": ["s1"]}""");
        // From here on the south answers for the north's alarms; they are the north's all the same.
        await PostAsync(host, "positions/north/sign-off", """{"by": "Wang"}""");
        Assert.Equal(["s1"], Ids(await host.GetJsonAsync("/api/v1/handover?position=north"), "shelved"));
        Assert.Equal("unseen_shelved", await ReasonAsync(host, $"handover/{id}/sign", """{"by": "Li"}"""));
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Li", "seen": ["s1"]}""");
        Assert.Equal("Li", (await host.GetJsonAsync("/api/v1/positions/north")).Text("person"));
    }

    [Fact]
    public async Task With_both_signatures_the_position_changes_hands_and_the_notes_are_the_next_shifts()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        var id = await OpenedAsync(host);
        await PostAsync(host, "positions/north/notes", """{"by": "Li", "text": "after the document"}""");
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Wang"}""");
        var half = await host.GetJsonAsync("/api/v1/positions/north");
        Assert.Equal(("Wang", "Wang"), (half.Text("person"), half.GetProperty("handover").GetProperty("outgoing").Text("by")));
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Li"}""");
        var north = await host.GetJsonAsync("/api/v1/positions/north");
        Assert.Equal(("Li", JsonValueKind.Null), (north.Text("person"), north.GetProperty("handover").ValueKind));
        var next = await host.GetJsonAsync("/api/v1/handover?position=north");
        Assert.Equal(["after the document"], next.GetProperty("notes").EnumerateArray().Select(note => note.Text("text")));
        Assert.Equal(north.Text("since"), next.Text("lastHandover"));
        var list = await host.GetJsonAsync("/api/v1/handovers?position=north");
        Assert.Equal(["Li"], list.EnumerateArray().Select(each => each.GetProperty("incoming").Text("by")));
        Assert.Empty((await host.GetJsonAsync("/api/v1/handovers?position=south")).EnumerateArray());
    }

    [Fact]
    public async Task Repeating_a_signature_writes_nothing()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        var id = await OpenedAsync(host);
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Li"}""");
        await host.RaiseAsync(Shelved("s1"));
        var committed = host.Log.Committed;
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Li"}""");
        Assert.Equal(committed, host.Log.Committed);
    }

    [Fact]
    public async Task Who_may_not_is_told_by_name()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        Assert.Equal("position_unmanned", await ReasonAsync(host, "handover", """{"position": "north", "by": "Wang"}"""));
        var id = await OpenedAsync(host);
        Assert.Equal("not_on_duty", await ReasonAsync(host, "handover", """{"position": "north", "by": "Li"}"""));
        Assert.Equal("missing_position", await ReasonAsync(host, "handover", """{"by": "Wang"}"""));
        Assert.Equal("unknown_position", await ReasonAsync(host, "handover", """{"position": "west", "by": "Wang"}"""));
        Assert.Equal("bad_operator", await ReasonAsync(host, $"handover/{id}/sign", "{}"));
        Assert.Equal("other_document", await ReasonAsync(host, $"handover/{id}/sign", """{"by": "Li", "hash": "abc"}"""));
        Assert.Equal("bad_body", await ReasonAsync(host, $"handover/{id}/sign", """{"by": "Li", "seen": ["a", null]}"""));
        Assert.Equal("unknown_handover", await ReasonAsync(host, "handover/x/sign", """{"by": "Li"}"""));
        Assert.Equal("unknown_handover", await ReasonAsync(host, "handover/999/sign", """{"by": "Li"}"""));
        await PostAsync(host, $"handover/{id}/sign", """{"by": "Li"}""");
        Assert.Equal("other_incoming", await ReasonAsync(host, $"handover/{id}/sign", """{"by": "Zhao"}"""));
        var anew = (await PostAsync(host, "handover", """{"position": "north", "by": "Wang"}""")).GetProperty("handover").GetProperty("id").GetInt64();
        Assert.Equal("superseded", await ReasonAsync(host, $"handover/{id}/sign", """{"by": "Wang"}"""));
        await PostAsync(host, $"handover/{anew}/sign", """{"by": "Wang"}""");
        await PostAsync(host, $"handover/{anew}/sign", """{"by": "Zhao"}""");
        Assert.Equal("signed", await ReasonAsync(host, $"handover/{anew}/sign", """{"by": "Li"}"""));
    }

    [Theory]
    [InlineData("zh", "交接班：city", "已搁置（逐条确认） (1)", "Li: noise → ")]
    [InlineData("en", "Handover: city", "Shelved (tick each) (1)", "Li: noise → ")]
    public async Task As_text_each_line_is_ours(string language, params string[] expected)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Shelved("s1") with { Device = "PS-1\nForged: line" });
        using var response = await host.Http.GetAsync(new Uri($"/api/v1/handover?format=text&language={language}", UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.All(expected, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("Forged", StringComparison.Ordinal));
    }

    private static Alarm Shelved(string id) => Samples.Alarm(id, state: AlarmState.Shelved) with { Beneath = AlarmState.ActiveAcknowledged, Overlay = Overlay(AlarmState.Shelved) with { Until = Samples.T0 + 3_600_000 } };

    private static Overlay Overlay(AlarmState state) => new() { State = state, By = "Li", Reason = "noise", Since = Samples.T0 };

    private static async Task<long> OpenedAsync(ApiHost host)
    {
        await PostAsync(host, "positions/north/sign-on", """{"by": "Wang"}""");
        var opened = await PostAsync(host, "handover", """{"position": "north", "by": "Wang"}""");
        var state = opened.GetProperty("handover");
        Assert.Equal(15, (DateTimeOffset.Parse(state.Text("dueAt"), CultureInfo.InvariantCulture) - DateTimeOffset.Parse(state.Text("openedAt"), CultureInfo.InvariantCulture)).TotalMinutes);
        return state.GetProperty("id").GetInt64();
    }

    private static async Task<JsonElement> PostAsync(ApiHost host, string call, string body)
    {
        var (status, answer) = await host.PostAsync($"/api/v1/{call}", body);
        Assert.True(status == HttpStatusCode.OK, $"{call}: {status} {answer}");
        return answer;
    }

    private static async Task<string> ReasonAsync(ApiHost host, string call, string body) => (await host.PostAsync($"/api/v1/{call}", body)).Reason();

    private static string[] Ids(JsonElement document, string list) => [.. document.GetProperty(list).EnumerateArray().Select(alarm => alarm.Text("id"))];

    private static string?[] Names(JsonElement document, string list) => [.. document.GetProperty(list).EnumerateArray().Select(name => name.GetString())];
}
