using System.Net;
using System.Text.RegularExpressions;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Notify.Crew;

/// <summary>The API with links, an underpass that floods, and messages about it: 王伟 (Chinese), Li Na (English), a group's robot.</summary>
internal sealed partial class CrewHost(ApiHost api) : IAsyncDisposable
{
    public static readonly NotifyFile File = Files.Right(
        Files.Small.Replace("{name: 李娜,", "{name: Li Na, language: en,", StringComparison.Ordinal) + "\nmap: \"https://map.example.cn/{latitude},{longitude}\"\nrobots: {group: {kind: dingtalk}}\n");

    private int _messages;

    public ApiHost Api => api;

    /// <summary>Written entries so far.</summary>
    public long Written => api.Log.Committed;

    public static async Task<CrewHost> StartAsync(ChannelOptions? channels = null, SecurityOptions? security = null)
    {
        var api = await ApiHost.StartAsync(Files.Families.All, security, File, channels ?? new ChannelOptions { PublicUrl = new Uri("http://127.0.0.1/") });
        api.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", Address = "八一大道<下穿>", Latitude = 28.68, Longitude = 115.9 });
        return new CrewHost(api);
    }

    public static Alarm Flood(string id = "a", Severity severity = Severity.Critical) =>
        Samples.Alarm(id.PadLeft(32, '0')) with { Rule = "road_flood_close", Instance = null, Severity = severity, AnnouncedAt = Samples.T0 };

    public Task<Alarm> RaiseAsync(string id = "a", Severity severity = Severity.Critical) => api.RaiseAsync(Flood(id, severity));

    public Alarm Alarm(string id = "a") => api.Book.Find(id.PadLeft(32, '0'))!;

    /// <summary>A message that went out.</summary>
    /// <returns>Its link and its code.</returns>
    public (string Link, string Code) Tell(string recipient, bool drill, params IReadOnlyList<Alarm> alarms)
    {
        var number = ++_messages;
        var message = new Message(
            $"t{number}.{recipient}.0", recipient, File.Robots.ContainsKey(recipient), MessageKind.Call, drill, [MessageChannel.Sms], [.. alarms.Select(alarm => new Place(alarm, $"t{number}", PlaceNews.Stands, 0))], Samples.T0);
        api.Outbox.Commit("log", number, [new OutboxMessage(message, recipient, [(OutboxDatabase.Recipient, ["sms"])])], []);
        var delivery = api.Outbox.Due("sms", long.MaxValue, 1000).Single(one => one.Message.Key == message.Key);
        return (delivery.Link, delivery.Code);
    }

    public string Tell(string recipient, params IReadOnlyList<Alarm> alarms) => Tell(recipient, false, alarms).Link;

    public async Task<(HttpStatusCode Status, string Page, HttpResponseMessage Answer)> LookAsync(string link, string more = "")
    {
        var answer = await api.Http.GetAsync(new Uri($"/go/{link}{more}", UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer);
    }

    /// <summary>Tokens of the page's buttons, by alarm and step.</summary>
    public async Task<Dictionary<(string Alarm, string Step), string>> ButtonsAsync(string link) =>
        ButtonForm().Matches((await LookAsync(link)).Page).ToDictionary(match => (match.Groups[1].Value, match.Groups[2].Value), match => match.Groups[3].Value);

    /// <summary>Presses a button of the page as it is now.</summary>
    public async Task<(HttpStatusCode Status, string Page)> PressAsync(string link, string step, string alarm = "a", string? reason = null)
    {
        var id = alarm.PadLeft(32, '0');
        return await PostAsync(link, id, step, (await ButtonsAsync(link))[(id, step)], reason);
    }

    /// <summary>As a browser does it that was told to send no referrer.</summary>
    public async Task<(HttpStatusCode Status, string Page)> PostAsync(string link, string alarm, string step, string token, string? reason = null)
    {
        var fields = new Dictionary<string, string> { ["alarm"] = alarm, ["step"] = step, ["token"] = token };
        if (reason is not null)
            fields["reason"] = reason;
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = api.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/go/{link}", UriKind.Relative)) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.TryAddWithoutValidation("Origin", "null");
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [GeneratedRegex("""name="alarm" value="([^"]*)"><input type="hidden" name="step" value="([^"]*)"><input type="hidden" name="token" value="([^"]*)">""")]
    private static partial Regex ButtonForm();
}
