using System.Globalization;
using Telemetry.Ingest.Notify;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Session;

/// <summary>What a person has chosen in this browser.</summary>
/// <param name="Language"><c>en</c> or <c>zh</c>.</param>
/// <param name="Name">Who acts, in open mode; empty until said.</param>
public sealed record PageChoices(string Language, bool Dark, string Name);

/// <summary>The choices in force, and words, times and numbers as this person reads them.</summary>
public sealed class PageSettings
{
    private const string LanguageCookie = "tlm_language", ThemeCookie = "tlm_theme", NameCookie = "tlm_name";
    private const int MaxName = 100;

    public PageSettings(IHttpContextAccessor accessor)
    {
        // Null on a live connection, which is told by Routes.
        var request = accessor.HttpContext?.Request;
        var language = request?.Cookies[LanguageCookie] ?? (request?.Headers.AcceptLanguage.ToString().StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true ? "zh" : "en");
        var name = request?.Cookies[NameCookie] is { } said ? Uri.UnescapeDataString(said) : "";
        Choices = new PageChoices(language == "zh" ? "zh" : "en", request?.Cookies[ThemeCookie] == "dark", name.Length > MaxName || name.Any(char.IsControl) ? "" : name);
    }

    public PageChoices Choices { get; private set; }

    public string Language => Choices.Language;

    public bool IsChinese => Choices.Language == "zh";

    public bool Dark => Choices.Dark;

    public event Action? Changed;

    public void Take(PageChoices choices)
    {
        if (choices == Choices)
            return;
        Choices = choices;
        Changed?.Invoke();
    }

    public string Say(string en, string zh) => IsChinese ? zh : en;

    public string Say(Title? title, string otherwise) => title is null ? otherwise.Replace('_', ' ') : IsChinese ? title.Zh : title.En;

    /// <summary>In the city's zone.</summary>
    public static string Clock(long time) => LocalTime.Shown(time, "HH:mm:ss");

    public static string DayClock(long time) => LocalTime.Shown(time, "MM-dd HH:mm:ss");

    /// <summary>How long something has lasted; its unit grows with it.</summary>
    public string Age(long milliseconds)
    {
        var seconds = Math.Max(0, milliseconds / 1000);
        return seconds switch
        {
            < 60 => $"{seconds} {Say("s", "秒")}",
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} {Say("min", "分")} {seconds % 60:00} {Say("s", "秒")}"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} {Say("h", "小时")} {seconds / 60 % 60:00} {Say("min", "分")}"),
            _ => $"{seconds / 86400} {Say("d", "天")} {seconds / 3600 % 24} {Say("h", "小时")}",
        };
    }
}
