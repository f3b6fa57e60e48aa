using Telemetry.Ingest.Decoding.Models;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Devices;

/// <summary>Whether the model of a device's sensor says anything of the device's family. A name that is nearly right would only show in what can't be read later.</summary>
internal sealed class KnownModels(ModelSet models)
{
    /// <summary>What would be right; null for a model that is. Without any model nothing is judged.</summary>
    public string? Problem(string model, string family)
    {
        if (models.All.Count == 0)
            return null;
        if (models.Find(model) is not { } known)
            return $"a sensor model that there is{NearestName.Hint(model, models.All.Select(each => each.Name))} (its file belongs into Models:Path first)";
        return known.MappingFor(family) is not null
            ? null
            : $"a model with channels for {family} ({model} has {(known.Families.Count == 0 ? "none at all" : string.Join(", ", known.Families.Select(each => each.Family)))})";
    }
}
