using Microsoft.AspNetCore.Components;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>A component that shows what the board shows and this person sees, as the board changes, in this person's language.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    [Inject]
    private protected LiveBoard Board { get; set; } = null!;

    [Inject]
    private protected PageSight Sight { get; set; } = null!;

    [Inject]
    protected PageSettings Settings { get; set; } = null!;

    protected BoardPicture Picture { get; private set; } = null!;

    protected override void OnInitialized()
    {
        Picture = Sight.Of(Board.Current);
        Board.Changed += Take;
        Settings.Changed += StateHasChanged;
    }

    /// <summary>False where this picture changes nothing that this component shows: it is then not rendered.</summary>
    protected virtual bool Concerns(BoardPicture before, BoardPicture now) => true;

    protected string Say(string en, string zh) => Settings.Say(en, zh);

    protected string Say(Title? title, string otherwise) => Settings.Say(title, otherwise);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Board.Changed -= Take;
        Settings.Changed -= StateHasChanged;
    }

    private void Take(BoardPicture now) => _ = InvokeAsync(() =>
    {
        var before = Picture;
        Picture = Sight.Of(now);
        if (Concerns(before, Picture))
            StateHasChanged();
    });
}
