using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Devices;

/// <summary>Devices that are in one mode together, under one name, until one end.</summary>
/// <param name="Mode">drill, test or commissioning.</param>
/// <param name="Until">RFC 3339.</param>
/// <param name="Devices">How many take part.</param>
/// <param name="Districts">Where they are, ascending; devices without one are in none.</param>
public sealed record Exercise(string Name, string Mode, string Reason, string Until, int Devices, IReadOnlyList<string> Districts);

/// <summary>Which devices take part: those that are live behind a gateway, in a district or street, or of a list.</summary>
public sealed record ExerciseArea(string? Gateway, string? District, string? Street, IReadOnlyList<string>? Devices)
{
    private readonly HashSet<string> _ids = new(Devices ?? [], StringComparer.Ordinal);

    /// <summary>A street may name its district; otherwise one of them.</summary>
    public bool IsOne => (Gateway, District ?? Street, Devices) is ({ Length: > 0 }, null, null) or (null, { Length: > 0 }, null) or (null, null, { Count: > 0 });

    public bool Holds(Device device) => (Gateway is null || device.Gateway == Gateway) && (District is null || device.District == District) && (Street is null || device.Street == Street) && (Devices is null || _ids.Contains(device.Id));
}

/// <summary>
/// Drill, test or commissioning of many devices as one act: one commit puts them there, and one end takes them back. Only what is live takes part: an end must not make
/// live what was not.
/// </summary>
public sealed class Exercises(DeviceDirectory devices, RegisterWriting writing, TimeProvider time)
{
    public const int MaxName = 100;

    public static readonly IReadOnlyList<string> Modes = ["drill", "test", "commissioning"];

    /// <summary>What runs now, by name, with as many devices as there are for whoever asks.</summary>
    public IReadOnlyList<Exercise> Running(Scope scope) =>
    [
        .. devices.Exercising.Where(scope.Sees).GroupBy(device => device.Exercise!, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var first = group.MinBy(device => device.Id, StringComparer.Ordinal)!;
            var districts = new SortedSet<string>(group.Select(device => device.District).OfType<string>(), StringComparer.Ordinal);
            return new Exercise(group.Key, first.State, first.StateReason ?? "", first.StateUntil ?? "", group.Count(), [.. districts]);
        }),
    ];

    public static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && name.Length <= MaxName && name.Trim().Length == name.Length && !name.Any(char.IsControl);

    public Exercise Find(string name, Scope scope) => Running(scope).FirstOrDefault(exercise => exercise.Name == name) ?? throw ApiException.NotFound("unknown_exercise", $"no exercise '{name}' runs");

    /// <param name="until">Unix ms, 8 h from now at most.</param>
    /// <returns>The exercise, and how many devices of the area were left out because they are not live.</returns>
    /// <exception cref="ApiException">400 <c>bad_exercise</c>; 409 <c>exercise_running</c>, <c>no_device</c>; 503: not in effect in time.</exception>
    public async Task<(Exercise Exercise, int LeftOut)> StartAsync(string? name, string? mode, string? reason, long? until, ExerciseArea area, string by, Scope scope, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (name is null || !IsName(name))
            throw Bad($"name: 1 to {MaxName} characters, without control characters and blanks around it");
        if (mode is null || !Modes.Contains(mode))
            throw Bad($"mode: one of {string.Join(", ", Modes)}");
        if (string.IsNullOrWhiteSpace(reason))
            throw Bad("reason: say why");
        if (until is not { } end || end <= now || end - now > Rules.Operators.Modes.Longest)
            throw Bad("until: an end to come, 8 h from now at most, RFC 3339 with a zone or Unix ms");
        if (!area.IsOne)
            throw Bad("say who takes part: gateway, or district and street or one of them, or devices");
        // Whoever is missing stays live, and what is done to it calls real crews.
        var missing = (area.Devices ?? []).Where(id => id is null || devices.Find(id) is not { } device || !scope.Sees(device)).Take(5).ToList();
        if (missing.Count > 0)
            throw Bad($"devices: not in the register: {string.Join(", ", missing)}");
        if (devices.Exercising.Any(device => device.Exercise == name))
            throw ApiException.Conflict("exercise_running", $"an exercise '{name}' runs; end it first, or take another name");
        var all = devices.All.Where(device => area.Holds(device) && scope.Sees(device)).ToList();
        var live = all.Where(device => device.State == "live").Select(device => device.Id).ToList();
        if (live.Count == 0)
            throw ApiException.Conflict("no_device", all.Count == 0 ? "no device of the register is there" : $"none of the {all.Count} devices there is live: they are in a mode of their own already");
        // What has become something else in between stays as it is.
        await writing.ChangeAsync(live, device => device.State == "live" ? device with { State = mode, StateReason = reason, StateUntil = Iso.Time(end), Exercise = name } : device, by, scope, cancellationToken);
        return (Find(name, scope), all.Count - live.Count);
    }

    /// <returns>How many devices are live again.</returns>
    /// <exception cref="ApiException">404 <c>unknown_exercise</c>; 403: it ends for all, and some are not the caller's; 503.</exception>
    public async Task<int> EndAsync(string name, string by, Scope scope, CancellationToken cancellationToken)
    {
        Find(name, scope);
        var all = devices.Exercising.Where(device => device.Exercise == name).ToList();
        if (!all.TrueForAll(scope.Sees))
            throw AccessGuard.OutOfScope($"'{name}' has devices beyond {scope}, which is what you see, and ends for all");
        var ids = all.Select(device => device.Id).ToList();
        return await writing.ChangeAsync(ids, device => device.Exercise == name ? Rules.Operators.Modes.Live(device) : device, by, scope, cancellationToken);
    }

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_exercise", detail);
}
