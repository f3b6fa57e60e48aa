using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>A message through its format, with what a format may throw as an answer.</summary>
internal static class FormatReading
{
    /// <param name="into">What came before the problem may stand in it.</param>
    /// <param name="problem">Why the whole message is refused: <see cref="RejectReason"/> and, for a person, what.</param>
    public static bool TryRead(this IPayloadFormat format, in ForeignMessage message, List<Report> into, out DecodedMessage read, out (string Reason, string What) problem)
    {
        (read, problem) = (default, default);
        try
        {
            read = format.Read(message, into);
            return true;
        }
        catch (JsonException error)
        {
            problem = (RejectReason.Malformed, JsonMessage.Problem(error));
        }
        catch (InvalidOperationException) when (JsonMessage.HasHalfSurrogate(message.Payload))
        {
            problem = (RejectReason.Malformed, JsonMessage.HalfSurrogate);
        }
        catch (MalformedMessageException error)
        {
            problem = (error.Reason, error.Message);
        }
        return false;
    }
}
