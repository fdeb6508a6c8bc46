using System.Diagnostics;

namespace Muster.Dev;

/// <summary>Runs the programs of a build with their output on this console.</summary>
internal static class Tool
{
    public static async Task RunAsync(string folder, IReadOnlyList<string> command, CancellationToken cancellationToken, params (string Name, string Value)[] environment)
    {
        var code = await TryAsync(folder, command, cancellationToken, environment);
        if (code != 0)
        {
            throw new DevException($"{string.Join(' ', command)} ended with {code}");
        }
    }

    public static async Task<int> TryAsync(string folder, IReadOnlyList<string> command, CancellationToken cancellationToken, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new DevException($"{command[0]} did not start");
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
}
