using System.CommandLine;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Commands.Export;

namespace Telemetry.Ingest.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("--Data:Path={0}")]
    [InlineData("--Data:Path", "{0}")]
    public async Task A_key_of_the_configuration_is_taken_as_the_service_takes_it(params string[] data)
    {
        // With both delimiters in it.
        var directory = _directory.File("a=b:c");

        var (code, output, error) = await RunAsync(["export", "--log", .. data.Select(part => part.Replace("{0}", directory, StringComparison.Ordinal)), "--out", _directory.File("x.jsonl")]);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"{Path.Combine(directory, "log")} is not there", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_service_that_a_command_hands_on_stays_in_one()
    {
        var (code, _, error) = await RunAsync(["cluster", "move", "--json", $"--Data:Path={_directory.File("none")}", "--Cluster:Servers=nats://127.0.0.1:1"]);

        Assert.Equal(1, code);
        Assert.Contains(_directory.File("none"), error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("export", "--json", "--no-such-option")]
    [InlineData("export", "--json")]
    [InlineData("journal", "--json", "--Data:Paht=x")]
    [InlineData("no-such-command", "--json")]
    public async Task What_is_wrong_with_the_arguments_and_the_help_go_to_standard_error(params string[] args)
    {
        var (code, output, error) = await RunAsync(args);
        Assert.Equal((2, ""), (code, output));
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task Help_that_was_asked_for_goes_to_standard_output()
    {
        var (code, output, error) = await RunAsync(["export", "--help"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--Data:Path", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(new RootCommand { ExportCommand.Create(), JournalCommand.Create(), ClusterCommand.Create() }, args, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
