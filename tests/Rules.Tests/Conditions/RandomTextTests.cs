using CsCheck;
using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class RandomTextTests
{
    private static readonly string[] Pieces =
    [
        "sump_level", "pump_run", "motor_current", "power_supply", "fan_state", "lost", "fault", "high_level", "wet", "circle", "black_spot", "gauge", ".", "rainfall",
        "any(", "all(", "count(", "sum(", "mean(", "min(", "max(", "abs(", "unknown(", "rate(", "held(", "work_order", "\"x\"", "(", ")", ")", ",", "||", "&&", "!", "not", "of",
        "==", "!=", "<", ">=", "+", "-", "*", "/", "2", "3 m", "20 %", "5m", "0", "true", "é", "\"", "😀", "\uD800", "99999999999999999999",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    [Fact]
    public void Any_text_compiles_or_says_what_is_wrong() =>
        Gen.OneOf(Gen.String, Piece.Array[0, 30].Select(pieces => string.Join(' ', pieces))).Repeatably().Sample(
            text =>
            {
                var scope = Station.Scope with { Each = "pump", Deadband = "0.2 m" };
                var result = ConditionCompiler.Compile(text, scope);
                if (result.Condition is null)
                    return result.Errors.Count > 0 && result.Errors.All(error => error.Column >= 1 && error.Column <= error.Text.Length + 1 && error.Message.Length > 0);
                var station = new Station { Instance = 1, Holding = true }.WithInstances(1, 2).With("sump_level", 2).With("motor_current", 3, 1);
                result.Condition.Evaluate(station);
                result.Condition.Explain(station);
                return result.Errors.Count == 0 && station.Instance == 1;
            },
            iter: 20_000);

    [Fact]
    public void Any_text_is_a_quantity_or_says_what_is_wrong() =>
        Gen.OneOf(Gen.String, Piece.Array[0, 4].Select(pieces => string.Concat(pieces)))
            .Repeatably().Sample(text => Quantity.TryParse(text, out _, out var error) == error is null, iter: 20_000);
}
