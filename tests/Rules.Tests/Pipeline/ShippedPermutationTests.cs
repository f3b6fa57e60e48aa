using CsCheck;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Promise 4 for the shipped families: random readings of every channel, around the values that their rules ask for, in any order.</summary>
public class ShippedPermutationTests
{
    private const int Seconds = 900;

    /// <param name="Channel">Index of a channel of the family.</param>
    /// <param name="Level">Between the least and the greatest value that the rules may ask for, in twentieths; 20 is bad.</param>
    private readonly record struct Sent(int Device, int Channel, int Instance, int Level, double At, int Late);

    private static readonly Gen<Sent> Any = Gen.Select(
        Gen.Int[1, 3], Gen.Int[0, 1000], Gen.Int[1, 2], Gen.Int[0, 20], Gen.Int[0, Seconds * 2].Select(half => half / 2.0), Gen.Int[0, Seconds],
        (device, channel, instance, level, at, late) => new Sent(device, channel, instance, level, at, late));

    public static TheoryData<string> Shipped => [.. FamilySet.Shipped().All.Where(family => !family.IsBuiltIn).Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void In_any_order_the_same_alarms(string family)
    {
        var text = FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text;
        Any.Array[1, 60].Repeatably().Sample(sent => Of(text, sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(one => (int)Math.Ceiling(one.At) + one.Late)]), iter: 60);
    }

    /// <summary>Stations of one tunnel look at each other; reruns begin in the middle of their lives.</summary>
    [Theory]
    [MemberData(nameof(Shipped))]
    public void Side_by_side_in_any_order_the_same_alarms(string family)
    {
        var text = FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text;
        Any.Array[20, 60].Repeatably().Sample(
            sent => Of(text, sent, parent: "P-1").AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(one => (int)Math.Ceiling(one.At) + one.Late)], anchorsApart: 1 + (sent[0].Level / 2)), iter: 40);
    }

    private static Permuted Of(string text, Sent[] sent, string? parent = null)
    {
        var links = new Dictionary<string, string> { ["gauge"] = "d-2" };
        var family = FamilyReader.Read("test.yaml", text).Family!;
        var register = new[] { 1, 2, 3 }.Where(device => device != 2 || parent is not null)
            .Select(device => new Device { Id = $"d-{device}", Family = family.Name, Gateway = "gw", Parent = parent, Links = device == 2 ? new Dictionary<string, string>() : links });
        var permuted = new Permuted(text, [.. register]);
        var sequence = 0;
        foreach (var one in sent.OrderBy(one => one.At))
        {
            var channel = family.Channels[one.Channel % family.Channels.Count];
            permuted.Add($"d-{one.Device}", one.At, ++sequence, Value(channel, channel.Group is null ? channel.Name : $"{channel.Name}.{one.Instance}", one.Level));
        }
        return permuted;
    }

    private static ChannelValue Value(Channel channel, string name, int level)
    {
        var quality = level == 20 ? Quality.Bad : Quality.Good;
        if (channel.Type == ChannelType.State)
            return new ChannelValue(name, ValueKind.State, 0, channel.States[level % channel.States.Count], quality);
        if (channel.Type == ChannelType.Boolean)
            return new ChannelValue(name, ValueKind.Boolean, level % 2, null, quality);
        var (least, most) = (channel.PlausibleMin ?? 0, channel.PlausibleMax ?? 1000);
        // Limits lie nearer to the least than to the greatest value.
        return new ChannelValue(name, ValueKind.Number, least + ((most - least) * level * level * level / 8000.0), null, quality);
    }
}
