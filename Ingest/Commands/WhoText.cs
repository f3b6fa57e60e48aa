using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary>What <c>who</c> prints: tables for people, JSON lines for programs. Neither holds a phone number or an address.</summary>
internal static class WhoText
{
    /// <param name="json">Null for tables.</param>
    public static int Answer(NotifyFile file, DryRunAnswer answer, JsonSerializerOptions? json, TextWriter output)
    {
        if (json is not null)
        {
            foreach (var step in answer.Steps)
                output.WriteLine(JsonSerializer.Serialize(new { at = Iso.Time(step.At), step.Asked, to = step.Recipient, step.Name, channels = Words(step), step.Subject, step.Body, step.Sms, step.Voice }, json));
            output.WriteLine(JsonSerializer.Serialize(new { answer.Route, answer.Team, answer.Position, steps = answer.Steps.Count, answer.Gaps }, json));
            return 0;
        }
        output.WriteLine(answer.Route is { } number
            ? $"route {number.ToString(CultureInfo.InvariantCulture)} -> {answer.Team}{(answer.Position is { } position ? $", position {position}" : "")}"
            : answer.Steps.Count > 0 ? "a drill: its roster alone" : "nobody: the drill's roster is empty, or it is a test");
        if (answer.Steps.Count == 0)
            return 0;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("at (China)", "asked", "who", "by");
        foreach (var step in answer.Steps)
            table.AddRow(LocalTime.Shown(step.At), step.Asked, Markup.Escape(step.Name == step.Recipient ? step.Name : $"{step.Recipient} {step.Name}"), string.Join(", ", Words(step)));
        Write(table, output);
        foreach (var text in answer.Steps.GroupBy(step => step.Sms).Select(same => same.First()))
            output.WriteLine($"{text.Sms}\n\n{text.Body}");
        foreach (var gap in answer.Gaps)
            output.WriteLine("warning: " + gap);
        return 0;
    }

    public static int Week(NotifyFile file, long from, JsonSerializerOptions? json, TextWriter output)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("team", "from (China)", "to", "on call", "why");
        foreach (var team in file.Teams)
        {
            foreach (var duty in team.Between(from, from + LocalTime.Week))
            {
                if (json is not null)
                    output.WriteLine(JsonSerializer.Serialize(new { team = team.Name, from = Iso.Time(duty.From), to = Iso.Time(duty.To), duty.Person, duty.Why }, json));
                else
                    table.AddRow(Markup.Escape(team.Name), LocalTime.Shown(duty.From, "ddd yyyy-MM-dd HH:mm"), LocalTime.Shown(duty.To, "ddd yyyy-MM-dd HH:mm"), Markup.Escape(duty.Person is { } person ? $"{person} {file.People[person].Name}" : "NOBODY"), Markup.Escape(duty.Why));
            }
        }
        if (json is not null)
            return 0;
        Write(table, output);
        foreach (var (team, gap) in Gaps.Of(file, from, from + Gaps.Ahead))
            output.WriteLine($"warning: {team.Name}: {Gaps.Shown(gap)}");
        return 0;
    }

    private static string[] Words(DryRunStep step) => step.Channels.Count == 0 ? ["robot"] : [.. step.Channels.Select(channel => channel.ToString().ToLowerInvariant())];

    private static void Write(Table table, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        console.Write(table);
    }
}
