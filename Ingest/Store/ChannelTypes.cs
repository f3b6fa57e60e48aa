using Telemetry.Ingest.State;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>
/// A channel keeps its type (number, boolean, state) for good: InfluxDB has one type a field and would refuse every line, and a curve over both would
/// mean nothing in any store. So the family file is refused, before a reading is. What is asked: every version of the file that has been in
/// force, and InfluxDB's fields where it answers.
/// </summary>
public sealed class ChannelTypes(StateDatabase database, IEnumerable<ISeriesStore> stores)
{
    /// <summary>A database that is away must not keep a family file from being checked against the log.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> OfField = new(StringComparer.Ordinal) { ["float"] = "number", ["boolean"] = "boolean", ["integer"] = "state" };

    /// <summary>One error for each channel whose type is another than it was, at its place in the file.</summary>
    public async Task<IReadOnlyList<FamilyError>> ChangedAsync(IEnumerable<Family> families, CancellationToken cancellationToken)
    {
        var errors = new List<FamilyError>();
        foreach (var family in families.Where(family => !family.IsBuiltIn))
        {
            var before = Earlier(family);
            foreach (var (channel, was) in await StoredAsync(family, cancellationToken))
                before.TryAdd(channel, was);
            errors.AddRange(family.Channels
                .Where(channel => before.TryGetValue(channel.Name, out var was) && was.Type != Of(channel))
                .Select(channel => Error(family, channel, before[channel.Name])));
        }
        return errors;
    }

    private static string Of(Channel channel) => channel.Type switch { ChannelType.Boolean => "boolean", ChannelType.State => "state", _ => "number" };

    private Dictionary<string, (string Type, string Where)> Earlier(Family family)
    {
        var types = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        var versions = database.FamilyVersions(family.Name);
        // What has been in force before was held against what was in force before that.
        if (versions.Any(version => version.Hash == family.Hash))
            return types;
        foreach (var version in versions)
        {
            // A version that today's reader does not understand any more says nothing.
            foreach (var channel in FamilyReader.Read(family.Name, version.Text).Family?.Channels ?? [])
                types.TryAdd(channel.Name, (Of(channel), $"in version {version.Hash}, in force from {Iso.Time(version.Time)}"));
        }
        return types;
    }

    private async Task<IReadOnlyList<(string Channel, (string Type, string Where) Was)>> StoredAsync(Family family, CancellationToken cancellationToken)
    {
        if (stores.OfType<InfluxStore>().FirstOrDefault() is not { } influx)
            return [];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var fields = await influx.FieldTypesAsync(family.Name, patience.Token);
            return
            [
                .. from field in fields
                   let channel = family.Channels.FirstOrDefault(channel => channel.Name == field.Field)
                   where channel is not null && OfField.GetValueOrDefault(field.Type, field.Type) is var type && type != Of(channel)
                   select (channel.Name, (OfField.GetValueOrDefault(field.Type, field.Type), $"in InfluxDB, whose field is {field.Type}")),
            ];
        }
        catch (IOException)
        {
            return [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private static FamilyError Error(Family family, Channel channel, (string Type, string Where) was)
    {
        var file = family.Name + ".yaml";
        var channels = YamlReader.Read(family.Text, new ErrorList(file)) is YamlMap root ? root.Entries.FirstOrDefault(entry => entry.Key.Value == "channels")?.Value as YamlMap : null;
        var key = channels?.Entries.FirstOrDefault(entry => entry.Key.Value.Split('.')[0] == channel.Name)?.Key;
        return new FamilyError(
            file, key?.Line ?? 1, key?.Column ?? 1, $"channels.{channel.Name}", $"a {Of(channel)} now, and a {was.Type} {was.Where}: what is stored stays what it is. Give the channel another name, or leave it a {was.Type}");
    }
}
