using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics;

/// <summary>Equations that the parts of a physics file cannot say: those of one device. It reads parameters and parts by their names in the file.</summary>
public abstract class Model
{
    /// <param name="seconds">Since the last call; 0 where an incident has just changed a parameter.</param>
    /// <returns>True where something changed that the device reports at once.</returns>
    public abstract bool Advance(double seconds, Surroundings around);

    public abstract void Report(ValueList values);
}

/// <summary>The models that physics files may name.</summary>
internal static class ModelTable
{
    public static IReadOnlyDictionary<string, Func<Inputs, Random, Model>> All { get; } = new SortedDictionary<string, Func<Inputs, Random, Model>>(StringComparer.Ordinal)
    {
        ["gas"] = (inputs, _) => new Models.GasModel(inputs),
        ["sump"] = (inputs, random) => new Models.SumpModel(inputs, random),
        ["toilet"] = (inputs, random) => new Models.ToiletModel(inputs, random),
    };
}
