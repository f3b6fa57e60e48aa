using MudBlazor;

namespace Telemetry.Ingest.OperatorPage.Shell;

/// <summary>ISA-101: a calm grey screen on which only what is abnormal has a colour. The alarm colours stand in console.css.</summary>
internal static class PageTheme
{
    private static readonly string[] Fonts = ["system-ui", "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#1257a8", Secondary = "#2f3b45", Background = "#e4e6e8", Surface = "#f6f7f8", TextPrimary = "#22282d", TextSecondary = "#4a545c", ActionDefault = "#4a545c", Error = "#b3131a", Success = "#1d6b3a", LinesInputs = "#6d767d",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8dbdf5", Secondary = "#c3ccd3", Background = "#14181b", Surface = "#1f2428", TextPrimary = "#e8ecef", TextSecondary = "#b3bdc5", ActionDefault = "#b3bdc5", Error = "#ff8a8f", Success = "#7fd39b", LinesInputs = "#8b959d",
            PrimaryContrastText = "#0c1117", ErrorContrastText = "#0c1117", SuccessContrastText = "#0c1117",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.9rem" }, Button = new ButtonTypography { FontFamily = Fonts, TextTransform = "none" } },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "3px" },
    };
}
