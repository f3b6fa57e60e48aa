using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>decode</c>: what a payload would become, and why not. Exit code 0 read, 1 something was refused, 2 wrong usage.</summary>
public static class DecodeCommand
{
    private const string Native = "native";

    // Where the topic says what kind of message it is, the plainest one.
    private static readonly Dictionary<string, string> UsualTopics = new(StringComparer.Ordinal)
    {
        ["sparkplug"] = "spBv1.0/group/DDATA/node/device",
        ["sensorthings"] = "v1.1/Datastreams(1)/Observations",
    };

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var inputs = new DecodeInputs();
        var command = new Command("decode", """
            Shows what a message would become: one line a value, or the reason why it is refused. Stores nothing and needs no service.

            A device that the register doesn't know is taken for one of the model's first family (--family says another). Fields that the model
            doesn't map, or that are measured from a setting that is not given, keep their own names and are marked: they are not stored.
            Without --model, fields must have the names of --family's channels; without both they keep their own.

            Examples:
              decode --format raw --model milesight-em500-swl --hex "01 75 64 03 77 02 00"
              decode --format raw --model milesight-em400-udl --set mount_height=3m --hex 04824408
              decode --format raw --model dragino-lds03a --port 3 --hex 0100000200000060D00000
              decode --format chirpstack --model milesight-gs301 uplink.json --json
              decode --format senml-json --family tunnel records.json
              decode --format native reading.json
              mosquitto_sub -C 1 -t 'application/#' | decode --format chirpstack -
            """);
        inputs.AddTo(command);
        command.SetAction(parsed => Run(inputs.Read(parsed), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(DecodeRequest request, TextWriter output, TextWriter error)
    {
        try
        {
            var preview = Preview(request);
            foreach (var line in preview.Lines)
                output.WriteLine(request.Json ? JsonSerializer.Serialize(JsonLine.Of(line), Json) : Safe(Text(line)));
            foreach (var (reason, detail) in preview.Refused)
                output.WriteLine(request.Json ? JsonSerializer.Serialize(new { reason, detail }, Json) : Safe($"refused, {reason}: {detail}"));
            return preview.Refused.Count == 0 ? 0 : 1;
        }
        catch (UsageException problem)
        {
            error.WriteLine("decode: " + problem.Message);
            return 2;
        }
    }

    private static DecodePreview Preview(DecodeRequest request)
    {
        var (families, familyErrors) = RulesFolder.Load(request.RulesPath);
        if (families is null)
            throw new UsageException(string.Join('\n', familyErrors));
        var (models, modelErrors) = ModelSet.Load(request.ModelsPath, families);
        if (models is null)
            throw new UsageException(string.Join('\n', modelErrors));
        var payload = request.Payload();
        var received = request.Received();
        if (request.Format == Native)
        {
            var native = NativeFamily(request, families, payload);
            var plain = new DecodePreview(families, request.Settings(native));
            plain.Native(native, request.Topic, request.TopicDevice!, payload, received);
            return plain;
        }
        var format = PayloadFormats.Find(request.Format) ?? throw new UsageException($"there is no format '{request.Format}'{NearestName.Hint(request.Format, Formats)}; there are {string.Join(", ", Formats)}");
        var model = request.Model is null ? null : models.Find(request.Model)
            ?? throw new UsageException($"there is no model '{request.Model}'{NearestName.Hint(request.Model, models.All.Select(each => each.Name))}; there are {string.Join(", ", models.All.Select(each => each.Name))}");
        var topic = request.Topic ?? UsualTopics.GetValueOrDefault(request.Format) ?? "decode";
        var family = FamilyOf(model, request.Family, families);
        var preview = new DecodePreview(families, request.Settings(family));
        preview.Foreign(format, model, family, new ForeignMessage(topic, payload, "gateway", request.TopicDevice, received), request.Port);
        return preview;
    }

    private static IEnumerable<string> Formats => PayloadFormats.Names.Prepend(Native);

    private static Family? FamilyOf(SensorModel? model, string? wanted, FamilySet families)
    {
        if (model is null)
            return wanted is null ? null : Wanted(wanted, families);
        if ((wanted ?? model.DefaultFamily) is not { } name)
            return null;
        if (model.MappingFor(name) is null)
            throw new UsageException($"model {model.Name} says nothing of family '{name}'; its file maps {string.Join(", ", model.Families.Select(each => each.Family))}");
        return families.Find(name) ?? throw new UsageException($"there is no family '{name}'; --Rules:Path names the folder that holds it");
    }

    /// <summary>The one that is said, or which has most of the channels that the message names.</summary>
    private static Family NativeFamily(DecodeRequest request, FamilySet families, byte[] payload)
    {
        if (request.Family is { } name)
            return Wanted(name, families);
        var text = Encoding.UTF8.GetString(payload);
        return families.All.Where(family => !family.IsBuiltIn).MaxBy(family => family.Channels.Count(channel => text.Contains('"' + channel.Name, StringComparison.Ordinal)))!;
    }

    private static Family Wanted(string name, FamilySet families)
    {
        var all = families.All.Where(family => !family.IsBuiltIn).ToList();
        return all.Find(family => family.Name == name) ?? throw new UsageException($"there is no family '{name}'{NearestName.Hint(name, all.Select(family => family.Name))}; there are {string.Join(", ", all.Select(family => family.Name))}");
    }

    // What a stranger sent must not steer the terminal.
    private static string Safe(string line) => string.Concat(line.Select(letter => char.IsControl(letter) ? '?' : letter));

    private static string Text(PreviewLine line)
    {
        var value = line.Value switch
        {
            bool flag => flag ? "true" : "false",
            double number => number.ToString(CultureInfo.InvariantCulture),
            var other => other?.ToString() ?? "-",
        };
        return $"{line.Device}  {line.Channel}  {value}{(line.Unit is null ? "" : " " + line.Unit)}  {Name(line.Quality)}  {Iso.Time(line.EventTime)}{(line.Why is null ? "" : $"  ({line.Why})")}{(line.NotStored is null ? "" : $"  (field only: {line.NotStored})")}";
    }

    private static string Name(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        Quality.Bad => "bad",
        _ => "stale",
    };

    private sealed record JsonLine(
        string Device, string Channel, object? Value, string? Unit, string Quality, string EventTime,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Mapped)
    {
        public static JsonLine Of(PreviewLine line) => new(line.Device, line.Channel, line.Value, line.Unit, Name(line.Quality), Iso.Time(line.EventTime), line.Why, line.NotStored is null ? null : false);
    }
}
