namespace Telemetry.Rules.Operators;

/// <summary>A number that may be missing, in a checkpoint: a byte that says so before it.</summary>
internal static class NullableNumbers
{
    public static void WriteNullable(this BinaryWriter into, long? number)
    {
        into.Write(number is not null);
        if (number is { } known)
            into.Write(known);
    }

    public static void WriteNullable(this BinaryWriter into, double? number)
    {
        into.Write(number is not null);
        if (number is { } known)
            into.Write(known);
    }

    public static long? ReadNullableInt64(this BinaryReader from) => from.ReadBoolean() ? from.ReadInt64() : null;

    public static double? ReadNullableDouble(this BinaryReader from) => from.ReadBoolean() ? from.ReadDouble() : null;
}
