using System.Globalization;

namespace Telemetry.Ingest.Log;

/// <summary>A position of the log and the hash of its segment up to there: noted elsewhere, it proves later that the log still holds what it held. FORMAT.md, "Chain".</summary>
internal sealed record LogHead(long Position, string Hash)
{
    private const int Digits = 64;

    /// <summary><c>POSITION:HASH</c>; null for anything else.</summary>
    public static LogHead? Parse(string text) =>
        text.Split(':') is [var position, { Length: Digits } hash] && hash.All(char.IsAsciiHexDigit)
            && long.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new LogHead(number, hash.ToLowerInvariant())
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Position}:{Hash}");
}
