using System.Diagnostics;

namespace Muster.Testing;

/// <summary>What a program said and how it ended.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>A program did not do what it was started for; the message holds what it said.</summary>
public sealed class CommandException(string message) : Exception(message);

/// <summary>Runs programs with their arguments as they are, never through a shell.</summary>
public static class Command
{
    /// <summary>Runs to the end; the caller judges the exit code.</summary>
    public static Task<CommandResult> TryAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        TryAsync(new ProcessStartInfo(program, arguments), cancellationToken);

    /// <summary>The same for a caller who has more to say about how it is started.</summary>
    public static async Task<CommandResult> TryAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs to the end and gives the standard output; an exit code other than 0 is an exception with what it said.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var list = arguments.ToList();
        var result = await TryAsync(program, list, cancellationToken);
        return result.ExitCode == 0
            ? result.Output
            : throw new CommandException($"{program} {string.Join(' ', list)} ended with {result.ExitCode}:\n{result.Output}{result.Error}");
    }

    public static Task<string> RunAsync(string program, params string[] arguments) =>
        RunAsync(program, arguments, CancellationToken.None);

    /// <summary>Runs to the end on this console.</summary>
    internal static async Task<int> ShowAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Start(start);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>For clean-up that must not hide the test's own failure.</summary>
    internal static void RunQuietly(string program, params string[] arguments)
    {
        using var process = Start(program, arguments, redirected: true);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
    }

    internal static Process Start(string program, IEnumerable<string> arguments, bool redirected) => Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = redirected,
        RedirectStandardOutput = redirected,
        RedirectStandardError = redirected,
    });

    private static Process Start(ProcessStartInfo start) => Process.Start(start) ?? throw new CommandException($"{start.FileName} did not start");
}
