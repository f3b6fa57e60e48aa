using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Telemetry.Ingest.Api;

/// <summary>Writes the query parameters that a route knows into its operation, and the problem that any call may answer.</summary>
public static class OpenApiParameters
{
    public static Task AddAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var known in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameters>().SelectMany(parameters => parameters.Known))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = known.Name,
                In = ParameterLocation.Query,
                Required = known.Required,
                Description = known.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse { Description = "RFC 9457 problem with a `reason`." };
        return Task.CompletedTask;
    }
}
