using System.Text.Json.Nodes;

namespace Telemetry.Ingest.Dashboards;

/// <summary>What stands for a value.</summary>
/// <param name="Value">As Grafana compares it: <c>0</c>, <c>true</c>.</param>
internal sealed record ValueText(string Value, string Text, string Colour);

/// <summary>From which value upwards a colour holds; null for the lowest.</summary>
internal sealed record Step(double? From, string Colour);

/// <summary>How a figure is shown.</summary>
internal sealed record Display
{
    /// <summary>Grafana's id.</summary>
    public string Unit { get; init; } = "none";

    public int? Decimals { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Shown where a query finds nothing.</summary>
    public string NoValue { get; init; } = "–";

    /// <summary>The colour of <see cref="NoValue"/>, where nothing is worse than all is well; null for that of the lowest step.</summary>
    public string? NoValueColour { get; init; }

    /// <summary>Ascending; the first from null.</summary>
    public IReadOnlyList<Step> Steps { get; init; } = [new(null, Colours.Calm)];

    public IReadOnlyList<ValueText> Values { get; init; } = [];

    /// <summary>Of lines: shades of one grey, or by <see cref="Steps"/>.</summary>
    public bool ByStep { get; init; } = true;

    /// <summary>Of what always has a value while the service lives.</summary>
    public Display Vital() => this with { NoValue = "no data · 无数据", NoValueColour = Colours.Critical };

    /// <summary>A count that is grey at 0 and takes this colour from 1.</summary>
    public static Display Count(string colour) => new() { Steps = [new(null, Colours.Calm), new(1, colour)] };

    public JsonObject ToJson(JsonObject custom)
    {
        var json = new JsonObject { ["unit"] = Unit };
        if (Decimals is { } decimals)
            json["decimals"] = decimals;
        if (Min is { } min)
            json["min"] = min;
        if (Max is { } max)
            json["max"] = max;
        json["noValue"] = NoValue;
        json["color"] = ByStep ? new JsonObject { ["mode"] = "thresholds" } : new JsonObject { ["mode"] = "shades", ["fixedColor"] = Colours.Calm };
        json["thresholds"] = Thresholds();
        json["mappings"] = Mappings();
        if (custom.Count > 0)
            json["custom"] = custom;
        return json;
    }

    public JsonObject Thresholds() => new()
    {
        ["mode"] = "absolute",
        ["steps"] = new JsonArray([.. Steps.Select(step => new JsonObject { ["value"] = step.From, ["color"] = step.Colour })]),
    };

    public JsonArray Mappings()
    {
        var mappings = new JsonArray();
        var options = new JsonObject();
        foreach (var (value, index) in Values.Select((value, index) => (value, index)))
            options[value.Value] = new JsonObject { ["text"] = value.Text, ["color"] = value.Colour, ["index"] = index };
        if (Values.Count > 0)
            mappings.Add(new JsonObject { ["type"] = "value", ["options"] = options });
        if (NoValueColour is not null)
            mappings.Add(new JsonObject { ["type"] = "special", ["options"] = new JsonObject { ["match"] = "null+nan", ["result"] = new JsonObject { ["text"] = NoValue, ["color"] = NoValueColour, ["index"] = Values.Count } } });
        return mappings;
    }
}
