namespace Telemetry.Ingest.OperatorPage.AccountsAndTokens;

/// <summary>What a dialog leaves behind.</summary>
/// <param name="Said">What was done.</param>
/// <param name="Secret">A password or token that is shown now and never again; null for none.</param>
/// <param name="Help">What the secret is good for; empty without one.</param>
public sealed record OnceShown(string Said, string? Secret = null, string Help = "");
