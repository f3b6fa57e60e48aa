using System.Reflection;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>What a checkpoint does not keep of an alarm is gone with the next restart.</summary>
public sealed class AlarmRecordTests
{
    private static readonly Alarm Least = new()
    {
        Id = "0", Device = "d", Family = "f", Rule = "r", Kind = default, Severity = default, State = default, RaisedAt = 0, RaisedReceivedAt = 0, RuleVersion = "",
    };

    [Fact]
    public void Every_property_comes_back_each_alone_and_all_together()
    {
        var all = Filled(Least);
        Assert.DoesNotContain(typeof(Alarm).GetProperties().Where(property => property.CanWrite), property => Equals(property.GetValue(all), property.GetValue(Least)));
        List<Alarm> alarms = [Least, all, .. Settable<Alarm>().Select(property => With(Least, property)), .. Settable<Overlay>().Select(property => Least with { Overlay = With(new Overlay { State = default, By = "", Reason = "", Since = 0 }, property) })];

        using var stream = new MemoryStream();
        using (var into = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            var shared = new SharedStringWriter(into);
            foreach (var alarm in alarms)
                AlarmRecord.Save(alarm, into, shared);
        }
        stream.Position = 0;
        using var from = new BinaryReader(stream);
        var texts = new SharedStringReader(from);
        Assert.Equal(alarms, alarms.Select(_ => AlarmRecord.Load(from, texts)).ToList());
        Assert.Equal(stream.Length, stream.Position);
    }

    private static IEnumerable<PropertyInfo> Settable<T>() => typeof(T).GetProperties().Where(property => property.CanWrite);

    private static T Filled<T>(T least)
        where T : notnull => Settable<T>().Aggregate(least, With);

    /// <summary>The same with another value there.</summary>
    private static T With<T>(T before, PropertyInfo property)
        where T : notnull
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(before, null)!;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        object value = type == typeof(string) ? "of " + property.Name
            : type == typeof(bool) ? true
            : type == typeof(int) ? 7
            : type == typeof(long) ? 1_790_000_000_123
            : type == typeof(double) ? -0.25
            : type.IsEnum ? Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!
            : type == typeof(Overlay) ? Filled(new Overlay { State = default, By = "", Reason = "", Since = 0 })
            : throw new NotSupportedException($"{property.Name} is a {type}: save it, and try it here");
        property.SetValue(copy, value);
        return copy;
    }
}
