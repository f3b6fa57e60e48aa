namespace Telemetry.Ingest.Api;

/// <summary>Turns whatever went wrong below into a problem with a reason; nothing of an unexpected error's inside is told.</summary>
public static partial class ErrorResponses
{
    public static void Use(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry.Api");
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
                if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed or StatusCodes.Status415UnsupportedMediaType, ContentType: null })
                    await Unmatched(context).WriteAsync(context);
            }
            catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                context.Response.Clear();
                await Translate(e, context, logger).WriteAsync(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client left; there is nobody to tell.
            }
        });
    }

    private static ApiException Translate(Exception e, HttpContext context, ILogger logger)
    {
        switch (e)
        {
            case ApiException error:
                return error;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ApiException(StatusCodes.Status413PayloadTooLarge, "too_large", "the body is over the limit of this call; send less at once");
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, "bad_request", bad.Message);
            case IOException io:
                // Whoever keeps the store has said it in the log already.
                return new ApiException(StatusCodes.Status503ServiceUnavailable, "store_failing", $"a store cannot answer for now: {io.Message}");
            default:
                LogFailed(logger, context.Request.Path, e);
                return new ApiException(StatusCodes.Status500InternalServerError, "internal", "an error of the service itself; its log has the details");
        }
    }

    private static ApiException Unmatched(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiException.NotFound("unknown_route", $"there is nothing at {context.Request.Path}; /openapi/v1.json lists every call"),
        StatusCodes.Status405MethodNotAllowed => new ApiException(StatusCodes.Status405MethodNotAllowed, "method", $"{context.Request.Method} is not possible at {context.Request.Path}; the Allow header says what is"),
        _ => new ApiException(StatusCodes.Status415UnsupportedMediaType, "content_type", $"Content-Type '{context.Request.ContentType}' is not taken at {context.Request.Path}; /openapi/v1.json lists what is"),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Path} failed")]
    private static partial void LogFailed(ILogger logger, string path, Exception exception);
}
