using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Rules are changed while the service runs, by people who may be wrong or in a hurry.</summary>
public sealed class FamilyChangeTests : IAsyncLifetime
{
    private const string Covers = "/api/v1/families/manhole_cover";
    private const string Toilets = "/api/v1/families/public_toilet";

    private static readonly string[] Names = ["Li", "Wu", "Chen"];
    private static readonly Dictionary<string, string> Tokens = Names.ToDictionary(name => name, _ => ApiToken.New());

    private readonly Credentials _credentials = new();
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteUsers(Credentials.Line("Li", "administrator", Tokens["Li"]), Credentials.Line("Wu", "administrator", Tokens["Wu"]), Credentials.Line("Chen", "engineer", Tokens["Chen"]));
        _host = await ApiHost.StartAsync(FamilySet.Shipped().All, _credentials.Options());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _credentials.Dispose();
    }

    private static string TextOf(string family) => FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text;

    private static string HashOf(string family) => FamilyReader.HashOf(TextOf(family));

    private Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string who, string path, string text, string? ifMatch = "*") => _host.SendAsync(
        HttpMethod.Put, path, text, "text/yaml", [("Authorization", $"Bearer {Tokens[who]}"), .. ifMatch is null ? Array.Empty<(string, string)>() : [("If-Match", ifMatch)]]);

    private Task<(HttpStatusCode Status, JsonElement Body)> AsAsync(string who, HttpMethod method, string path) =>
        _host.SendAsync(method, path, method == HttpMethod.Get ? null : "{}", headers: ("Authorization", $"Bearer {Tokens[who]}"));

    private async Task<string> TextAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new("Bearer", Tokens["Chen"]);
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return $"{response.Headers.ETag} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    private static string Changed(string family, string from, string to)
    {
        var text = TextOf(family);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    /// <summary>Another limit for a ticket of covers, which have no rule that nobody may shelve.</summary>
    private static string Battery(int percent) => Changed("manhole_cover", "battery_level < 20 %", $"battery_level < {percent} %");

    [Fact]
    public async Task A_changed_file_is_in_force_when_the_call_answers_and_its_versions_say_who_did_it()
    {
        var (status, body) = await PutAsync("Chen", Covers, Battery(25), $"\"{HashOf("manhole_cover")}\"");
        Assert.Equal((HttpStatusCode.OK, "Chen", true), (status, body.Text("by"), body.GetProperty("inForce").GetBoolean()));
        var version = FamilyReader.HashOf(Battery(25));
        Assert.Equal($"\"{version}\" {Battery(25)}", await TextAsync(Covers + "/text"));
        var rules = (await AsAsync("Chen", HttpMethod.Get, "/api/v1/rules?family=manhole_cover")).Body;
        Assert.Contains(rules.EnumerateArray(), rule => rule.GetProperty("steps")[0].GetProperty("condition").GetString()?.Contains("battery_level < 25 %", StringComparison.Ordinal) == true);
        await PutAsync("Li", Covers, Battery(30));
        var versions = (await AsAsync("Chen", HttpMethod.Get, Covers + "/versions")).Body.EnumerateArray().ToArray();
        Assert.Equal([("Li", true), ("Chen", false)], versions.Select(each => (each.Text("by"), each.GetProperty("inForce").GetBoolean())));
        Assert.Equal($"\"{version}\" {Battery(25)}", await TextAsync($"{Covers}/text?version={version}"));
    }

    [Fact]
    public async Task A_file_with_mistakes_is_refused_whole_with_all_of_them_and_changes_nothing()
    {
        var before = (await AsAsync("Li", HttpMethod.Get, "/api/v1/rules")).Body.GetRawText();
        var position = _host.Log.Committed;
        var wrong = Battery(25).Replace("when: battery_level", "when: batery_level", StringComparison.Ordinal).Replace("heartbeat: 12h", "heartbeat: often", StringComparison.Ordinal);
        var answer = await PutAsync("Li", Covers, wrong);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_rules"), (answer.Status, answer.Reason()));
        var errors = answer.Body.GetProperty("errors").EnumerateArray().ToArray();
        Assert.True(errors.Length >= 2, answer.Body.GetRawText());
        Assert.All(errors, error => Assert.True(error.GetProperty("line").GetInt32() > 1 && error.GetProperty("column").GetInt32() > 1 && error.Text("file") == "manhole_cover.yaml"));
        Assert.Equal(position, _host.Log.Committed);
        Assert.Equal(before, (await AsAsync("Li", HttpMethod.Get, "/api/v1/rules")).Body.GetRawText());
    }

    [Theory]
    [InlineData("/api/v1/families/tunnel", "manhole_cover", "invalid_rules")]
    [InlineData("/api/v1/families/Big%20One", "manhole_cover", "invalid_rules")]
    public async Task The_file_must_be_of_the_family_in_the_path(string path, string family, string reason) =>
        Assert.Equal(reason, (await PutAsync("Li", path, TextOf(family), path.EndsWith("tunnel", StringComparison.Ordinal) ? "*" : null)).Reason());

    [Fact]
    public async Task Nobody_loses_a_change_to_somebody_who_has_not_seen_it()
    {
        var seen = $"\"{HashOf("manhole_cover")}\"";
        Assert.Equal((HttpStatusCode)428, (await PutAsync("Li", Covers, Battery(25), ifMatch: null)).Status);
        var both = await Task.WhenAll(PutAsync("Li", Covers, Battery(25), seen), PutAsync("Wu", Covers, Battery(30), seen));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], both.Select(answer => answer.Status).Order());
        var refused = both.Single(answer => answer.Status == HttpStatusCode.PreconditionFailed);
        Assert.Equal(_host.Families.Find("manhole_cover")!.Hash, refused.Body.Text("version"));
    }

    [Fact]
    public async Task The_same_text_again_writes_nothing()
    {
        await PutAsync("Li", Covers, Battery(25));
        var position = _host.Log.Committed;
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Wu", Covers, Battery(25))).Status);
        Assert.Equal(position, _host.Log.Committed);
    }

    [Fact]
    public async Task A_channel_keeps_the_type_that_it_had_in_any_version()
    {
        var without = Battery(25);
        var with = without.Replace("\nchannels:\n", "\nchannels:\n  cover_colour: {states: [grey, red], on_change: any, title: {en: Colour, zh: 颜色}}\n", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Li", Covers, with)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Li", Covers, without)).Status);

        var number = without.Replace("\nchannels:\n", "\nchannels:\n  cover_colour: {unit: \"1\", plausible: 0..9, every: 1h, title: {en: Colour, zh: 颜色}}\n", StringComparison.Ordinal);
        var refused = await PutAsync("Li", Covers, number);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_rules"), (refused.Status, refused.Reason()));
        var error = Assert.Single(refused.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal(("manhole_cover.yaml", "channels.cover_colour"), (error.Text("file"), error.Text("key")));
        Assert.Equal("cover_colour", number.Split('\n')[error.GetProperty("line").GetInt32() - 1][(error.GetProperty("column").GetInt32() - 1)..].Split(':')[0]);
        Assert.StartsWith($"a number now, and a state in version {FamilyReader.HashOf(with)}, in force from ", error.Text("message"), StringComparison.Ordinal);

        // States may be appended to.
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Li", Covers, with.Replace("[grey, red]", "[grey, red, blue]", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task A_change_that_reaches_sos_waits_for_a_second_person_who_is_not_its_author()
    {
        var text = Changed("public_toilet", "respond_in: 5min", "respond_in: 6min");
        var (status, proposal) = await PutAsync("Li", Toilets, text);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains("sos", proposal.GetProperty("reaches").EnumerateArray().Select(rule => rule.GetString()));
        Assert.Equal(HashOf("public_toilet"), _host.Families.Find("public_toilet")!.Hash);
        // Proposed twice it is the same proposal.
        Assert.Equal(proposal.Text("proposal"), (await PutAsync("Li", Toilets, text)).Body.Text("proposal"));
        var approve = $"/api/v1/families/proposals/{proposal.Text("proposal")}/approve";
        Assert.Equal("author_approves", (await AsAsync("Li", HttpMethod.Post, approve)).Reason());
        Assert.Equal("role", (await AsAsync("Chen", HttpMethod.Post, approve)).Reason());
        Assert.Equal(text, (await AsAsync("Wu", HttpMethod.Get, approve[..^"/approve".Length])).Body.Text("text"));
        var (approved, version) = await AsAsync("Wu", HttpMethod.Post, approve);
        Assert.Equal((HttpStatusCode.OK, "Li", "Wu"), (approved, version.Text("by"), version.Text("approvedBy")));
        Assert.Equal(FamilyReader.HashOf(text), _host.Families.Find("public_toilet")!.Hash);
        Assert.Equal("unknown_proposal", (await AsAsync("Wu", HttpMethod.Post, approve)).Reason());
    }

    [Fact]
    public async Task Without_users_the_body_says_who_approves_and_nobody_approves_nothing()
    {
        await using var host = await ApiHost.StartAsync(FamilySet.Shipped().All);
        var text = Changed("public_toilet", "respond_in: 5min", "respond_in: 6min");
        var proposal = (await host.SendAsync(HttpMethod.Put, Toilets + "?by=li", text, "text/yaml", ("If-Match", "*"))).Body.Text("proposal");
        var approve = $"/api/v1/families/proposals/{proposal}/approve";
        Assert.Equal((HttpStatusCode.Forbidden, "author_approves"), await ByAsync("", """{"by": "li"}"""));
        Assert.Equal((HttpStatusCode.Forbidden, "author_approves"), await ByAsync("?by=Li", "{}"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad_operator"), await ByAsync("", "{}"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad_operator"), await ByAsync("", ""));
        Assert.Equal((HttpStatusCode.BadRequest, "bad_operator"), await ByAsync("?by=wu", """{"by": "li"}"""));
        Assert.Equal(HashOf("public_toilet"), host.Families.Find("public_toilet")!.Hash);
        var (status, version) = await host.SendAsync(HttpMethod.Post, approve, """{"by": "wu"}""");
        Assert.Equal((HttpStatusCode.OK, "li", "wu"), (status, version.Text("by"), version.Text("approvedBy")));

        async Task<(HttpStatusCode, string?)> ByAsync(string query, string body)
        {
            var answer = await host.SendAsync(HttpMethod.Post, approve + query, body);
            return (answer.Status, answer.Reason());
        }
    }

    [Fact]
    public async Task What_was_proposed_against_an_older_version_is_not_approved_over_a_newer_one()
    {
        var (_, first) = await PutAsync("Li", Toilets, Changed("public_toilet", "respond_in: 5min", "respond_in: 6min"));
        var (_, second) = await PutAsync("Chen", Toilets, Changed("public_toilet", "respond_in: 5min", "respond_in: 7min"));
        Assert.Equal(2, (await AsAsync("Chen", HttpMethod.Get, "/api/v1/families/proposals")).Body.GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await AsAsync("Wu", HttpMethod.Post, $"/api/v1/families/proposals/{first.Text("proposal")}/approve")).Status);
        Assert.Equal("superseded", (await AsAsync("Wu", HttpMethod.Post, $"/api/v1/families/proposals/{second.Text("proposal")}/approve")).Reason());
    }

    [Fact]
    public async Task A_new_family_is_a_file_more_and_its_devices_may_be_registered()
    {
        const string text = """
            family: utility_cover
            title: {en: Utility cover, zh: 管线井盖}
            heartbeat: 12h
            rationalised: {by: shipped default, on: null}
            channels:
              cover_state: {states: [closed, open], on_change: any, title: {en: Cover, zh: 井盖}}
            rules:
              opened:
                kind: event
                title: {en: Opened, zh: 打开}
                when: cover_state == open
                source: engineering default
            """;
        var (status, body) = await PutAsync("Chen", "/api/v1/families/utility_cover", text, ifMatch: null);
        Assert.True(status == HttpStatusCode.OK, body.GetRawText());
        var device = await _host.SendAsync(HttpMethod.Put, "/api/v1/devices/uc-1", """{"family": "utility_cover"}""", headers: ("Authorization", $"Bearer {Tokens["Chen"]}"));
        Assert.True(device.Status == HttpStatusCode.OK, device.Body.GetRawText());
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/yaml", HttpStatusCode.OK)]
    public async Task A_form_of_another_site_cannot_send_a_file(string type, HttpStatusCode status) =>
        Assert.Equal(status, (await _host.SendAsync(HttpMethod.Put, Covers, Battery(25), type, ("Authorization", $"Bearer {Tokens["Li"]}"), ("If-Match", "*"))).Status);
}
