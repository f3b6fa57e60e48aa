using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Decoding.Models.Mapping;

/// <summary>The <c>channels</c> of a model's file: by family, by channel, from which field.</summary>
internal static class MappingReader
{
    /// <param name="model">Its name.</param>
    /// <param name="codec">Which gives the fields; null for any, where the formats name them.</param>
    /// <param name="families">Those in force, or null to check against none.</param>
    public static IReadOnlyList<FamilyMapping> Read(Section section, string model, IReadOnlyList<FamilyMapping> ofBase, IFrameCodec? codec, FamilySet? families)
    {
        var all = ofBase.ToList();
        foreach (var (name, body) in section.Children())
        {
            var family = families?.Find(name.Value);
            if (families is not null && family is not { IsBuiltIn: false })
            {
                var known = families.All.Where(each => !each.IsBuiltIn).Select(each => each.Name).ToList();
                section.Fail(name, name.Value, $"there is no family '{name.Value}'{NearestName.Hint(name.Value, known)}; there are {string.Join(", ", known)}");
            }
            var at = all.FindIndex(each => each.Family == name.Value);
            var channels = at < 0 ? [] : all[at].Channels.ToList();
            foreach (var (channel, value) in body.Map.Entries)
            {
                if (ReadChannel(body, channel, value, model, codec, family) is not { } mapping)
                    continue;
                channels.RemoveAll(other => other.Written == mapping.Written);
                channels.Add(mapping);
            }
            var own = new FamilyMapping(name.Value, channels);
            if (at < 0)
                all.Add(own);
            else
                all[at] = own;
        }
        return all;
    }

    private static ChannelMapping? ReadChannel(Section body, YamlText key, YamlNode value, string model, IFrameCodec? codec, Family? family)
    {
        var (name, instance, isPerSensor) = Split(key.Value);
        var channel = family is null ? null : ChannelOf(body, key, name, instance is not null || isPerSensor, family);
        if (family is not null && channel is null)
            return null;
        var sources = new List<ChannelSource>();
        foreach (var node in value is YamlList list ? list.Items : [value])
        {
            if (node is not YamlMap map)
                body.Fail(node, key.Value, $"expected {{from: FIELD, …}}, or a list of them, found {node.Shown}");
            else if (SourceReader.Read(body.Of(map, key.Value), model, codec, family, channel) is { } source)
                sources.Add(source);
        }
        return new ChannelMapping(name, instance, isPerSensor, sources);
    }

    private static (string Name, int? Instance, bool IsPerSensor) Split(string written)
    {
        var dot = written.LastIndexOf('.');
        if (dot <= 0)
            return (written, null, false);
        return written.AsSpan(dot + 1) is "N" ? (written[..dot], null, true) : (written[..dot], Family.InstanceNumber(written.AsSpan(dot + 1)) ?? 0, false);
    }

    private static Channel? ChannelOf(Section body, YamlText key, string name, bool hasInstance, Family family)
    {
        var channel = family.Channels.FirstOrDefault(each => each.Name == name);
        if (channel is null)
            body.Fail(key, key.Value, $"family {family.Name} has no channel '{name}'{NearestName.Hint(name, family.Channels.Select(each => each.Name))}; it has {string.Join(", ", family.Channels.Select(each => each.Name))}");
        else if (channel.Group is not null != hasInstance)
            body.Fail(key, key.Value, channel.Group is null ? $"'{name}' has no instances; write {name}" : $"'{name}' has one instance per {channel.Group}; write {name}.N for the one that the register gives the sensor, or {name}.1");
        else
            return channel;
        return null;
    }
}
