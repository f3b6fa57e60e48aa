using System.CommandLine;
using System.Globalization;
using System.Text;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary>The arguments of <c>decode</c>.</summary>
internal sealed class DecodeInputs
{
    private readonly Argument<string?> _file = new("FILE") { Description = "The message, as it travels; - reads standard input.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _hex = new("--hex") { Description = "The message's bytes in hexadecimal; blanks and 0x don't matter.", HelpName = "BYTES" };
    private readonly Option<string> _format = new("--format") { Description = "How it is written: native, or a format of docs/payloads.md.", HelpName = "NAME", Required = true };
    private readonly Option<string?> _model = new("--model") { Description = "The sensor's model, as the register names it.", HelpName = "MODEL" };
    private readonly Option<string?> _family = new("--family") { Description = "The device's family; without it the model's first, for native the one that fits best.", HelpName = "FAMILY" };
    private readonly Option<string?> _topic = new("--topic") { Description = "The MQTT topic, where the format needs it.", HelpName = "T" };
    private readonly Option<string?> _device = new("--device") { Description = "What stands at {device} of the topic; without it \"device\", and nothing for SenML, whose names say it.", HelpName = "ID" };
    private readonly Option<int?> _port = new("--port") { Description = "LoRaWAN's port, where the message doesn't say it.", HelpName = "N" };
    private readonly Option<string[]> _set = new("--set") { Description = "A setting of the device, as the register would give it: mount_height=3m.", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _received = new("--received") { Description = "When it arrived (RFC 3339 or Unix ms); without it now.", HelpName = "TIME" };
    private readonly Option<string?> _models = new("--Models:Path") { Description = "A folder of sensor models beside the shipped ones.", HelpName = "DIR" };
    private readonly Option<string?> _rules = new("--Rules:Path") { Description = "A folder of family files instead of the shipped ones.", HelpName = "DIR" };
    private readonly Option<bool> _json = new("--json") { Description = "JSON lines on standard output: one a value, one a refusal." };

    public void AddTo(Command command)
    {
        command.Add(_file);
        foreach (var option in new Option[] { _hex, _format, _model, _family, _topic, _device, _port, _set, _received, _models, _rules, _json })
            command.Add(option);
    }

    public DecodeRequest Read(ParseResult parsed) => new(
        parsed.GetValue(_file), parsed.GetValue(_hex), parsed.GetRequiredValue(_format), parsed.GetValue(_model), parsed.GetValue(_family), parsed.GetValue(_topic), parsed.GetValue(_device),
        parsed.GetValue(_port), parsed.GetValue(_set) ?? [], parsed.GetValue(_received), parsed.GetValue(_models), parsed.GetValue(_rules), parsed.GetValue(_json));
}

/// <summary>Says what was wrong with the arguments and what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);

internal sealed record DecodeRequest(
    string? File, string? Hex, string Format, string? Model, string? Family, string? Topic, string? Device, int? Port, string[] Set, string? ReceivedText, string? ModelsPath, string? RulesPath, bool Json)
{
    /// <summary>What the route's topic would name.</summary>
    public string? TopicDevice => Device ?? (Format.StartsWith("senml-", StringComparison.Ordinal) ? null : "device");

    /// <exception cref="UsageException"/>
    public byte[] Payload()
    {
        if (File is null == Hex is null)
            throw new UsageException("name a file, or - for standard input, or give --hex BYTES; one of the two");
        if (Hex is not null)
            return Bytes(Hex);
        try
        {
            if (File != "-")
                return System.IO.File.ReadAllBytes(File!);
            using var input = Console.OpenStandardInput();
            using var bytes = new MemoryStream();
            input.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(problem.Message);
        }
    }

    /// <summary>Unix ms.</summary>
    /// <exception cref="UsageException"/>
    public long Received()
    {
        if (ReceivedText is null)
            return TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(ReceivedText), out var time) || long.TryParse(ReceivedText, NumberStyles.None, CultureInfo.InvariantCulture, out time))
            return time;
        throw new UsageException($"--received {ReceivedText}: expected 2026-03-01T00:00:00Z or Unix milliseconds");
    }

    /// <param name="family">Of the device, whose settings the register would take; null where nobody knows it.</param>
    /// <exception cref="UsageException"/>
    public IReadOnlyDictionary<string, string> Settings(Family? family)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var each in Set)
        {
            if (each.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } value])
                throw new UsageException($"--set {each}: expected a setting and its value, such as mount_height=3m");
            if (family is null)
                throw new UsageException($"--set {each}: a setting of which family? --model or --family says it");
            if (family.Settings.All(known => known.Name != name))
                throw new UsageException($"--set {each}: family {family.Name} has no setting '{name}'{NearestName.Hint(name, family.Settings.Select(known => known.Name))}; it has {(family.Settings.Count == 0 ? "none" : string.Join(", ", family.Settings.Select(known => known.Name)))}");
            settings[name] = value;
        }
        if (family is not null && new DeviceValidator(new FamilyCatalog([family])).Validate(new Device { Id = "device", Family = family.Name, Settings = settings }) is [var wrong, ..])
            throw new UsageException($"--set {wrong}");
        return settings;
    }

    private static byte[] Bytes(string text)
    {
        var digits = string.Concat(text.Replace("0x", "", StringComparison.OrdinalIgnoreCase).Where(c => !char.IsWhiteSpace(c) && c is not (',' or ':' or '-')));
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw new UsageException($"--hex {text}: expected hexadecimal digits, two a byte, such as 01 75 64");
        }
    }
}
