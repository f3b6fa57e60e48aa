using System.Diagnostics;

namespace Telemetry.Tests.Shared;

/// <summary>A program of the machine, such as mosquitto_pub.</summary>
internal static class Tool
{
    /// <summary>Its standard output. Fails where it does.</summary>
    public static Task<string> RunAsync(string program, params string[] arguments) => FeedAsync(program, "", arguments);

    /// <inheritdoc cref="RunAsync"/>
    /// <param name="input">Its standard input.</param>
    public static async Task<string> FeedAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Wait.Longest);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await output}{await error}");
    }
}
